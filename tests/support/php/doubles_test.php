<?php
// The queues for development and for a site's unit tests: php doubles_test.php. Prints "ok" and exits with 0, or names the
// first failure.

use TaskQueue\AssertionFailed;
use TaskQueue\CancelOutcome;
use TaskQueue\ClientError;
use TaskQueue\EnqueueError;
use TaskQueue\FakeTaskRun;
use TaskQueue\GiveUp;
use TaskQueue\IDeclaredTaskHandler;
use TaskQueue\IFailedTaskHandler;
use TaskQueue\ITaskHandler;
use TaskQueue\RetryAfter;
use TaskQueue\RetryOutcome;
use TaskQueue\Settings;
use TaskQueue\Snooze;
use TaskQueue\Stopped;
use TaskQueue\Task;
use TaskQueue\TaskError;
use TaskQueue\TaskQueue;
use TaskQueue\TaskRun;
use TaskQueue\TaskRunItem;
use TaskQueue\Unique;

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';

/** Ends as its data says. */
final class Ends implements IDeclaredTaskHandler
{
    public static function getTaskHandlerSettings(): array
    {
        return ['MaxRetries' => 2, 'Queue' => 'slow', 'Priority' => 1, 'RetryDelaySeconds' => 30];
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        $data = $taskRun->getTaskData();
        $taskRun->setProgress(42, 'half');
        echo "attempt {$taskRun->getAttempt()}";
        switch ($data['how']) {
            case 'error':
                $taskRun->setResults(['kept' => 1]);
                throw new RuntimeException('it broke');
            case 'warning':
                trigger_error('low on fuel', E_USER_WARNING);
                return null;
            case 'give up':
                throw new GiveUp('bad_file', 'no such column');
            case 'retry after':
                throw new RetryAfter('busy', 'later', 90);
            case 'snooze':
                throw new Snooze(7);
            case 'results':
                $taskRun->setResults(['rows' => 3]);
                return null;
            case 'no JSON':
                return NAN;
            case 'open buffer':
                ob_start();
                echo ' buffered';
        }
        return ['task' => $taskRun->getTaskQueueId(), 'title' => $taskRun->getTask()['Title']];
    }
}

final class WithSchema implements IDeclaredTaskHandler
{
    public static function getTaskHandlerSettings(): array
    {
        $rows = ['type' => 'integer', 'minimum' => 0];
        return ['DataSchema' => ['type' => 'object', 'required' => ['file'], 'properties' => ['rows' => $rows]]];
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        return null;
    }
}

/** Is told when a task is given up, and logs. */
final class TellsFailure implements IDeclaredTaskHandler, IFailedTaskHandler
{
    /** @var string[] */
    public static $failed = [];

    public static function getTaskHandlerSettings()
    {
        return Settings::tries(2)->backoff(5, 60)->uniqueFor(30);
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        $taskRun->logger()->warning('row {row} is odd', ['row' => 7, 'file' => 'a.csv']);
        if (($taskRun->getTaskData()['by'] ?? '') === 'item') {
            $taskRun->SetDBField('ErrorCode', 'odd');
            $taskRun->Update();
            return null;
        }
        throw new RuntimeException('odd');
    }

    public function failed(TaskRunItem $taskRun, Throwable $error): void
    {
        self::$failed[] = "{$taskRun->getAttempt()} {$error->getMessage()}";
        throw new LogicException('changes nothing');
    }
}

/** Uses the queue that enqueued it. */
final class UsesQueue implements ITaskHandler
{
    /** @var TaskQueue */
    public static $queue;

    public function handleTaskRun(TaskRun $taskRun)
    {
        $how = $taskRun->getTaskData()['how'];
        if ($how === 'add') {
            $id = self::$queue->addTask('UsesQueue', ['how' => 'look']);
            return ['child' => $id, 'status' => self::$queue->find($id)->status];
        }
        if ($how === 'cancel') {
            $outcome = self::$queue->cancel($taskRun->getTaskQueueId());
            check($outcome === CancelOutcome::REQUESTED, 'a running task is asked to stop');
            $taskRun->stopIfAsked('halfway');
        }
        if ($how === 'replace') {
            self::$queue->addTask(Task::of('UsesQueue', ['how' => 'look'])->unique('self', Unique::Replace));
            throw new RuntimeException('not tried again');
        }
        return null;
    }
}

function fails(callable $action, string $part): void
{
    try {
        $action();
    } catch (AssertionFailed $failed) {
        check(strpos($failed->getMessage(), $part) !== false, "'{$failed->getMessage()}' speaks of $part");
        return;
    }
    check(false, "fails for $part");
}

// Inline: each end of a run is told, and nothing is waited for.
$queue = TaskQueue::inline([Ends::class, UsesQueue::class]);
$before = time();
// how: status, is it over, seconds until the next run, error code
foreach ([
    'success' => ['success', true, null, ''],
    'results' => ['success', true, null, ''],
    'open buffer' => ['success', true, null, ''],
    'error' => ['error', false, 30, 'RuntimeException'],
    'warning' => ['error', false, 30, 'ErrorException'],
    'give up' => ['error', true, null, 'bad_file'],
    'retry after' => ['error', false, 90, 'busy'],
    'snooze' => ['scheduled', false, 7, ''],
    'no JSON' => ['error', false, 30, 'results'],
] as $how => [$status, $isOver, $wait, $code]) {
    $id = $queue->addTask(Task::of(Ends::class, ['how' => $how])->title('T')->in(3600));
    $task = $queue->find($id);
    check($task->status === $status && $task->isOver() === $isOver, "$how: $task->status");
    check($task->errorCode === $code && $task->attempt === 1, "$how: $task->errorCode $task->errorMessage");
    check($wait === null ? $task->nextRunOn === null : abs($task->nextRunOn - time() - $wait) <= 1, "$how: the next run");
    check($task->percent === 42 && $task->note === 'half', "$how: progress");
    check(strpos($queue->getOutput($id), 'attempt 1') === 0, "$how: output");
    check($queue->wait($id, 60)->id === $id, "$how: waiting returns at once");
    check($task->queue === 'slow' && $task->priority === 1 && $task->maxRetries === 2, "$how: what the handler declares");
}
check(time() - $before < 5, 'nothing was slept');
check($queue->find(1)->results === ['task' => 1, 'title' => 'T'] && $queue->find(2)->results === ['rows' => 3], 'Results');
check($queue->find(4)->results === ['kept' => 1], 'Results of a failed run');
check($queue->getOutput(3) === 'attempt 1 buffered' && ob_get_level() === 0, 'an open buffer is closed');
check(strpos($queue->find(4)->errorMessage, 'it broke in ' . __FILE__) === 0, 'the place of an error');
check($queue->find(10) === null && $queue->retry(99) === RetryOutcome::NO_SUCH_TASK, 'a task that is not there');
check($queue->cancel(99) === CancelOutcome::NO_SUCH_TASK && $queue->cancel(1) === CancelOutcome::ALREADY_ENDED, 'cancel');
check($queue->cancel(4) === CancelOutcome::CANCELLED && $queue->find(4)->isOver(), 'a failed task that waits is cancelled');
check($queue->retry(5) === RetryOutcome::SCHEDULED && $queue->find(5)->attempt === 2, 'a retry runs at once');

// The last try ends the task; so does a run that asks for its own end.
$id = $queue->addTask(Ends::class, ['how' => 'error'], null, 1);
check($queue->find($id)->hasFailed(), 'the last try');
UsesQueue::$queue = $queue;
$id = $queue->addTask(UsesQueue::class, ['how' => 'cancel']);
check($queue->find($id)->status === 'cancelled' && $queue->find($id)->errorCode === 'cancelled', 'cancelled while it runs');
$id = $queue->addTask(UsesQueue::class, ['how' => 'add']);
check($queue->find($id)->results['status'] === 'scheduled', 'a task of a handler does not run within its run');
check($queue->find($queue->find($id)->results['child'])->status === 'success', 'but after it');
$id = $queue->addTask(Task::of(UsesQueue::class, ['how' => 'replace'])->unique('self'));
check($queue->find($id)->superseded && $queue->find($id)->isOver(), 'a superseded run is not tried again');

// What the queue refuses is refused.
refused(static function () use ($queue): void {
    $queue->addTask('Other', []);
}, 'The handler Other was not given');
refused(static function () use ($queue): void {
    $queue->addTask(Ends::class, [], null, null, ['Priority' => 10]);
}, 'Priority');
refused(static function (): void {
    TaskQueue::inline(['NoSuchClass']);
}, 'there is no class NoSuchClass');
refused(static function (): void {
    TaskQueue::fake([stdClass::class]);
}, 'is no class that implements');

// failed() is called when the task is given up, and not before. The waits are those of the list.
$queue = TaskQueue::inline([TellsFailure::class]);
$id = $queue->addTask(TellsFailure::class);
check(TellsFailure::$failed === [] && abs($queue->find($id)->nextRunOn - time() - 5) <= 1, 'it is tried again after 5 s');
check($queue->getOutput($id) === '[warning] row 7 is odd {"file":"a.csv"}' . "\n", 'the log is in the output: ' . $queue->getOutput($id));
$queue = TaskQueue::fake([TellsFailure::class]);
$id = $queue->addTask(Task::of(TellsFailure::class, ['by' => 'item'])->unique('u'));
$queue->runAll();
check($queue->find($id)->errorCode === 'odd' && TellsFailure::$failed === [], 'an error that is written to the item');
$queue->runAll();
check(TellsFailure::$failed === ['2 '] && $queue->find($id)->hasFailed(), 'the second is the last: ' . json_encode(TellsFailure::$failed));
check(strpos($queue->getOutput($id), 'failed() of TellsFailure has thrown LogicException') !== false, 'an exception of failed()');
$run = FakeTaskRun::of([]);
try {
    (new TellsFailure())->handleTaskRun($run);
} catch (RuntimeException $thrown) {
    $log = ['level' => 'warning', 'message' => 'row {row} is odd', 'context' => ['row' => 7, 'file' => 'a.csv']];
    check($run->getLog() === [$log], 'what was logged');
}

// TaskData must fit the DataSchema of the handler, also where no handlers were given.
foreach ([TaskQueue::inline([WithSchema::class]), TaskQueue::fake([WithSchema::class]), TaskQueue::fake()] as $queue) {
    $queue->addTask(WithSchema::class, ['file' => 'a.csv']);
    foreach (['TaskData' => ['rows' => 1], 'TaskData/rows' => ['file' => 'a.csv', 'rows' => -1]] as $member => $data) {
        try {
            $queue->addTask(WithSchema::class, $data);
            check(false, "$member is refused");
        } catch (EnqueueError $error) {
            check($error->getMember() === $member && $error->getErrorCode() === 'schema', "$member: {$error->getMessage()}");
        }
    }
    check(count($queue->list()) === 1, 'one of them fits');
}

// Many tasks do not fill the memory of a process that runs for long.
$queue = TaskQueue::inline(['Nothing' => static function (): ITaskHandler {
    return new UsesQueue();
}]);
for ($task = 0; $task < 1100; ++$task) {
    $id = $queue->addTask('Nothing', ['how' => 'nothing']);
}
check($queue->find(1) === null && $queue->find($id) !== null, 'old tasks are forgotten');
check(count($queue->list(['limit' => 500])) === 500, 'a page of the others');

// The fake keeps tasks, and its assertions see them.
$queue = TaskQueue::fake();
$queue->assertNothingAdded();
$queue->assertAddedCount(0);
fails(static function () use ($queue): void {
    $queue->assertAdded('Mail');
}, 'A task of Mail was added does not hold; none was added');
$queue->addTask(Task::of('Mail', ['to' => 'a@b.c', 'n' => 1])->priority(2));
$queue->addTask('Mail', ['to' => 'd@e.f', 'n' => 2]);
$queue->addTask('Report', []);
$queue->assertAdded('Mail');
$queue->assertAdded('Mail', ['to' => 'd@e.f']);
$queue->assertAdded('Mail', static function (array $data, $task): bool {
    return $data['n'] === 1 && $task->priority === 2 && $task->status === 'scheduled';
});
$queue->assertAddedCount(3);
$queue->assertAddedCount(2, 'Mail');
$queue->assertNotAdded('Mail', ['to' => 'nobody']);
foreach ([
    'with {"to":"nobody"}' => static function () use ($queue): void {
        $queue->assertAdded('Mail', ['to' => 'nobody']);
    },
    '1 tasks of Mail were added does not hold; 3 were added: Mail {"to":"a@b.c","n":1}' => static function () use ($queue): void {
        $queue->assertAddedCount(1, 'Mail');
    },
    'that the function accepts' => static function () use ($queue): void {
        $queue->assertAdded('Mail', static function (array $data): bool {
            return false;
        });
    },
    'No task was added does not hold' => static function () use ($queue): void {
        $queue->assertNothingAdded();
    },
    'No task of Report was added' => static function () use ($queue): void {
        $queue->assertNotAdded('Report');
    },
] as $part => $assertion) {
    fails($assertion, $part);
}
refused(static function () use ($queue): void {
    $queue->runAll();
}, 'There is no handler Mail to run');

// Unique keys are as in the queue.
$queue = TaskQueue::fake();
$keep = Task::of('Import', ['n' => 1])->unique('k');
check($queue->addTask($keep) === 1 && $queue->addTask($keep) === 1, 'the live task stands for the new one');
check($queue->addTask($keep->unique('k', Unique::Replace)) === 2, 'or is replaced');
check($queue->find(1)->status === 'cancelled' && $queue->find(1)->superseded, 'and then it is cancelled');
$queue->assertAddedCount(1);
check($queue->retry(1) === RetryOutcome::KEY_TAKEN, 'the key is taken');
check($queue->addTask(Task::of('Import')->unique('k')) === 2, 'the holder stands');
$queue->cancel(2);
check($queue->addTask(Task::of('Import')->unique('k')) === 3, 'an ended task does not hold the key');

// runAll() runs each waiting task once, in the order of priority, and also those that handlers add.
$queue = TaskQueue::fake([Ends::class, UsesQueue::class]);
UsesQueue::$queue = $queue;
$failing = $queue->addTask(Ends::class, ['how' => 'error'], time() + 3600);
$window = $queue->addTask(Task::of(Ends::class, ['how' => 'success'])->unique('w', Unique::Window, 60)->priority(0));
$adding = $queue->addTask(UsesQueue::class, ['how' => 'add']);
$done = $queue->runAll();
check(array_keys($done) === [$window, $failing, $adding, $adding + 1], 'the order: ' . json_encode(array_keys($done)));
check($done[$failing]->status === 'error' && $done[$failing]->attempt === 1, 'one run each');
$again = Task::of(Ends::class, ['how' => 'success'])->unique('w', Unique::Window, 60);
check($queue->addTask($again) === $window, 'the window holds the key');
check(array_keys($queue->runAll()) === [$failing] && $queue->find($failing)->hasFailed(), 'the second call retries');
check($queue->runAll() === [], 'and then nothing waits');
check(count($queue->list(['LastStatus' => 'error'])) === 1 && count($queue->list(['Queue' => 'slow'])) === 2, 'list');
refused(static function () use ($queue): void {
    $queue->addTask('Other', []);
}, 'was not given');

// A run for the unit test of a handler.
$run = FakeTaskRun::of(['how' => 'results'], ['Title' => 'T'], 3)->askToStop(TaskRun::STOP_SHUTDOWN, 2);
check($run->getAttempt() === 3 && $run->getTask()['Title'] === 'T' && $run->getTask()['TaskRunsFailed'] === 2, 'the columns');
check($run->getMaxAttempts() === 5 && !$run->isLastAttempt() && FakeTaskRun::of([], [], 5)->isLastAttempt(), 'the last attempt');
check($run->stopReason() === null && !$run->isCancelled(), 'two looks');
try {
    $run->stopIfAsked('at row 7');
    check(false, 'asked to stop');
} catch (Stopped $stopped) {
    check($stopped->getReason() === TaskRun::STOP_SHUTDOWN && $stopped->getMessage() === 'at row 7', 'the reason');
}
check($run->stoppedFor() === TaskRun::STOP_SHUTDOWN && !$run->isFinished(), 'it has stopped');
$run->finished();
check($run->stoppedFor() === null && $run->isFinished(), 'it has finished');
$run->setProgress(50, 'a');
$run->setProgress(20);
$run->setProgress(200, 'b');
check($run->getPercent() === 100 && $run->getNotes() === ['a', 'b'] && $run->getNote() === 'b', 'progress');
$run->mask('secret');
$run->mask('');
check($run->getMasks() === ['secret'], 'masks');
$run->logger()->warning('{rows} skipped', ['rows' => 3, 'file' => 'a.csv']);
check($run->getLog()[0]['message'] === '{rows} skipped', 'log lines');
check($run->GetDBField('Title') === 'T' && $run->GetID() === $run->getId(), 'a run is an item of the CMS');
$run->setResults(['a' => 1]);
check($run->getResults() === ['a' => 1], 'Results');
foreach ([
    static function () use ($run): void {
        $run->setResults("\xFF");
    },
    static function () use ($run): void {
        for ($value = 0; $value < 100; ++$value) {
            $run->mask("value $value");
        }
    },
] as $action) {
    try {
        $action();
        check(false, 'beyond the limits');
    } catch (TaskError $error) {
        check($error->getErrorCode() !== '', 'the error has a code');
    }
}
foreach ([
    static function (): void {
        FakeTaskRun::of(['a' => "\xFF"]);
    },
    static function () use ($run): void {
        $run->askToStop('soon');
    },
    static function () use ($run): void {
        $run->mask("\xFF");
    },
] as $action) {
    try {
        $action();
        check(false, 'a wrong argument');
    } catch (ClientError $error) {
        check($error->getMember() !== null, 'the member');
    }
}
check(FakeTaskRun::of(['a' => 1.0, 'b' => []])->getTaskData() === ['a' => 1.0, 'b' => []], 'the data is as the queue gives it');

// A task that is given up is told to its handler, also without a runner.
final class Told implements \TaskQueue\IFailedTaskHandler
{
    /** @var list<string> */
    public static $told = [];

    public function handleTaskRun(TaskRun $taskRun)
    {
        throw new DomainException("attempt {$taskRun->getAttempt()}");
    }

    public function failed(TaskRun $taskRun, Throwable $error): void
    {
        self::$told[] = $error->getMessage();
    }
}
$queue = TaskQueue::inline([Told::class]);
$queue->addTask('Told', [], null, 1);
check(Told::$told === ['attempt 1'], 'failed() without a runner: ' . json_encode(Told::$told));
echo "ok\n";
