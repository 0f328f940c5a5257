<?php
// The queue for development, which runs its tasks at once: php doubles_test.php. Prints "ok" and exits with 0, or names the
// first failure.

use TaskQueue\CancelOutcome;
use TaskQueue\EnqueueError;
use TaskQueue\FakeTaskRun;
use TaskQueue\ITaskHandler;
use TaskQueue\RetryOutcome;
use TaskQueue\Task;
use TaskQueue\TaskQueue;

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/doubles_handlers.php';

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
check(strpos($queue->find(4)->errorMessage, 'it broke in ' . __DIR__ . '/doubles_handlers.php') === 0, 'the place of an error');
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

// A task that is given up is told to its handler, also without a runner.
$queue = TaskQueue::inline([Told::class]);
$queue->addTask('Told', [], null, 1);
check(Told::$told === ['attempt 1'], 'failed() without a runner: ' . json_encode(Told::$told));
echo "ok\n";
