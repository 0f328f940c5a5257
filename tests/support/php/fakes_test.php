<?php
// The queue and the run for unit tests of a site: php fakes_test.php. Prints "ok" and exits with 0, or names the first
// failure.

use TaskQueue\ClientError;
use TaskQueue\FakeTaskRun;
use TaskQueue\ITaskHandler;
use TaskQueue\RetryOutcome;
use TaskQueue\Stopped;
use TaskQueue\Task;
use TaskQueue\TaskError;
use TaskQueue\TaskQueue;
use TaskQueue\TaskRun;
use TaskQueue\Unique;

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/doubles_handlers.php';

// The fake keeps tasks, and its assertions see them.
$queue = TaskQueue::fake();
$queue->assertNothingAdded();
$queue->assertAddedCount(0);
fails(static function () use ($queue): void {
    $queue->assertAdded('Mail');
}, 'This does not hold: A task of Mail was added; none was added');
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
    'This does not hold: 1 tasks of Mail were added; 3 were added: Mail {"to":"a@b.c","n":1}' => static function () use ($queue): void {
        $queue->assertAddedCount(1, 'Mail');
    },
    'that the function accepts' => static function () use ($queue): void {
        $queue->assertAdded('Mail', static function (array $data): bool {
            return false;
        });
    },
    'This does not hold: No task was added' => static function () use ($queue): void {
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

// A handler whose making fails is a failed run, as in a worker.
$broken = TaskQueue::inline(['Away' => static function (): ITaskHandler {
    throw new RuntimeException('db away');
}]);
$away = $broken->find($broken->addTask(Task::of('Away')->tries(2)));
check($away->status === 'error' && $away->attempt === 1 && strpos((string)$away->errorMessage, 'db away in ') === 0, 'the making of a handler failed');

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
echo "ok\n";
