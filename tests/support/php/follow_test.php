<?php
// A site follows, cancels and retries its tasks, over each of its connections and over HTTP alike: php follow_test.php
// AUTOLOAD, on a running stack with the variables of serve.env in the environment. Prints "ok" and exits with 0, or names
// the first failure.

use TaskQueue\CancelOutcome;
use TaskQueue\RetryOutcome;
use TaskQueue\Task;
use TaskQueue\TaskQueue;
use TaskQueue\TaskStatus;
use TaskQueue\UnavailableError;

require $argv[1];
require __DIR__ . '/checks.php';

const LONG = 60;  // seconds in which a task of this test ends for sure

$prefix = getenv('TABLE_PREFIX');
$other = connect();
$mysqli = new mysqli('localhost', getenv('DB_USER'), getenv('DB_PASSWORD'), getenv('DB_NAME'), 0, getenv('DB_SOCKET'));
$mysqli->set_charset('utf8mb4');
$latin1 = connect([PDO::ATTR_EMULATE_PREPARES => false, PDO::ATTR_CASE => PDO::CASE_UPPER], 'latin1');
$queues = [
    'PDO' => TaskQueue::overDatabase(connect(), $prefix),
    'PDO, native, latin1' => TaskQueue::overDatabase($latin1, $prefix),
    'mysqli' => TaskQueue::overDatabase($mysqli, $prefix),
    'HTTP' => TaskQueue::overHttp(getenv('BASE_URL'), getenv('API_TOKEN')),
];
$waitFor = static function (callable $holds, string $what): void {
    for ($look = 0; $look < 600 && !$holds(); ++$look) {
        usleep(50000);
    }
    check($holds(), $what);
};
$audit = static function (int $id) use ($other, $prefix): array {
    return $other->query("SELECT Action, Detail FROM {$prefix}TaskQueueAudit WHERE TaskQueueId = $id ORDER BY Id")->fetchAll(PDO::FETCH_NUM);
};
/** All transports tell the same of a task. */
$same = static function (int $id, string $what) use ($queues): TaskStatus {
    $told = [];
    foreach ($queues as $name => $queue) {
        $told[$name] = $queue->find($id);
        check($told[$name] == $told['PDO'], "$name, $what: " . json_encode($told[$name]) . ' is ' . json_encode($told['PDO']));
    }
    return $told['PDO'];
};

foreach ($queues as $name => $queue) {
    check($queue->find(2000000000) === null && $queue->wait(2000000000, 5) === null, "$name: no such task is found");
    check($queue->cancel(2000000000) === CancelOutcome::NO_SUCH_TASK, "$name: nor cancelled");
    check($queue->retry(2000000000) === RetryOutcome::NO_SUCH_TASK, "$name: nor retried");
    check($queue->runnersAlive() > 0, "$name: runners are alive");

    $id = $queue->addTask(Task::of('Echo', ['message' => 'Zürich €', 'steps' => 2])->priority(1)->title('Import'));
    $task = $queue->wait($id, LONG);
    check($task->isOver() && $task->hasSucceeded() && !$task->hasFailed(), "$name: it has succeeded");
    check($task->percent === 100 && $task->note === 'step 2 of 2' && $task->attempt === 1, "$name: its progress");
    check($task->results['message'] === 'Zürich €' && $task->taskData['message'] === 'Zürich €', "$name: Results and TaskData");
    check($task->waitCode === null && $task->priority === 1 && $task->title === 'Import', "$name: the rest");
    check($queue->cancel($id) === CancelOutcome::ALREADY_ENDED, "$name: what has ended is not cancelled");

    // A time limit of the wait, progress while it runs, and the end by a cancel.
    $id = $queue->addTask('Echo', ['sleep' => 300, 'steps' => 1000]);
    $waitFor(static function () use ($queue, $id): bool {
        return $queue->find($id)->percent > 0;
    }, "$name: the progress of a running task");
    check($queue->retry($id) === RetryOutcome::STILL_RUNNING, "$name: a running task is not retried");
    $before = microtime(true);
    $task = $queue->wait($id, 0.3);
    check($task->status === 'running' && !$task->isOver() && $task->startedOn > 0, "$name: it is running still");
    check(microtime(true) - $before < 20, "$name: the wait is bounded");
    check($queue->cancel($id) === CancelOutcome::REQUESTED, "$name: its runner is asked");
    check($queue->wait($id, LONG)->status === 'cancelled', "$name: and stops it");

    $id = $queue->addTask(Task::of('Echo')->in(3600));
    $task = $queue->find($id);
    check($task->waitCode === 'not_due', "$name: why it waits");
    check($task->nextRunOn === $task->scheduledOn && $task->scheduledOn !== null, "$name: when it runs: {$task->nextRunOn}");
    check($queue->cancel($id) === CancelOutcome::CANCELLED, "$name: a scheduled task is cancelled");
    $task = $queue->find($id);
    check($task->status === 'cancelled' && $task->isOver() && $task->nextRunOn === null, "$name: at once");
    check($queue->retry($id) === RetryOutcome::SCHEDULED, "$name: it is retried");
    $scheduledOn = $task->scheduledOn;
    check($queue->find($id)->nextRunOn === $scheduledOn, "$name: and keeps its time");
    check($queue->retry($id) === RetryOutcome::SCHEDULED, "$name: it is brought forward");
    check($queue->wait($id, LONG)->hasSucceeded(), "$name: at once, too");
    check($audit($id) === [['cancel', ''], ['retry', 'it was cancelled'], ['retry', 'it was scheduled']],
        "$name: the audit tells it: "
        . json_encode($audit($id)));

    $key = 'key ' . bin2hex(random_bytes(6));
    $id = $queue->addTask(Task::of('Echo', ['fail' => 'no such file'])->tries(1)->unique($key));
    $task = $queue->wait($id, LONG);
    check($task->hasFailed() && $task->errorCode === 'echo_failed' && $task->errorMessage === 'no such file', "$name: its error");
    $taker = $queue->addTask('Echo', [], time() + 3600, null, ['UniqueKey' => $key]);
    check($queue->retry($id) === RetryOutcome::KEY_TAKEN, "$name: another task has the key");
    check($queue->find($id)->hasFailed(), "$name: and nothing has changed");
    $queue->cancel($taker);
    check($queue->retry($id) === RetryOutcome::SCHEDULED && $queue->wait($id, LONG)->attempt === 2, "$name: a second run");
    check($queue->find($id)->taskRunsFailed === 1, "$name: the first failure was forgiven");

    $ids = $queue->addTasks([
        ['Echo', ['message' => 'a']],
        Task::of('Echo', ['message' => 'b'])->unique("$key b"),
        ['Echo', ['message' => 'c'], null, null, ['UniqueKey' => "$key b"]],
    ]);
    check(count($ids) === 3 && $ids[1] === $ids[2] && $ids[0] !== $ids[1], "$name: many tasks: " . json_encode($ids));
    foreach ($ids as $id) {
        check($queue->wait($id, LONG)->hasSucceeded(), "$name: each of them runs");
    }
    refused(static function () use ($queue): void {
        $queue->addTasks([['Noop', []], ['Echo', ['sleep' => -1]]]);
    }, 'sleep');
}

// Tasks in each state are told alike.
$queue = $queues['PDO'];
$class = 'Absent' . bin2hex(random_bytes(4));
$parking = TaskQueue::overDatabase(connect(), $prefix, TaskQueue::PARK_UNKNOWN_HANDLERS);
$absent = $parking->addTask($class, []);
$waitFor(static function () use ($queue, $absent): bool {
    return $queue->find($absent)->parkedReason !== '';
}, 'a task without a handler is parked');
check($same($absent, 'parked')->waitCode === 'no_handler', 'why it is parked');
foreach ($queues as $name => $each) {
    check($each->find($absent)->waitReason === "No runner has ever offered the handler $class.", "$name: in words");
}
check($queues['mysqli']->cancel($absent) === CancelOutcome::CANCELLED, 'a parked task is cancelled');
$retried = $queue->addTask('Echo', ['fail' => 'x'], null, 5);
$waitFor(static function () use ($queue, $retried): bool {
    return $queue->find($retried)->waitCode === 'retry_delay';
}, 'a failed task waits for its next try');
$queue->cancel($retried);
$same($retried, 'cancelled after a failure');
$elsewhere = $queue->addTask(Task::of('Echo', [])->onQueue('nobody'));
check($same($elsewhere, 'in a queue that no runner serves')->waitCode === 'no_runner_of_queue', 'why it waits there');
$queue->cancel($elsewhere);

// The list: filters, pages, and the same tasks over each transport.
$title = 'list ' . bin2hex(random_bytes(6));
$ids = $queue->addTasks(array_fill(0, 5, Task::of('Echo', ['fail' => 'x'])->tries(1)->title("100 % $title")));
foreach ($ids as $id) {
    $queue->wait($id, LONG);
}
foreach ($queues as $name => $each) {
    $page = $each->list(['q' => "100 % $title", 'limit' => 3, 'LastStatus' => 'error']);
    check(array_column($page->tasks, 'id') === array_slice(array_reverse($ids), 0, 3), "$name: the newest first");
    check($page->after === $ids[2] && count($page) === 3, "$name: and where it goes on: {$page->after}");
    $rest = $each->list(['q' => $title, 'after' => $page->after, 'ErrorCode' => 'echo_failed', 'TaskHandlerClass' => 'Echo']);
    check(array_column($rest->tasks, 'id') === array_slice(array_reverse($ids), 3) && $rest->after === null, "$name: the rest");
    check($rest->tasks == $queues['PDO']->list(['q' => $title, 'after' => $page->after])->tasks, "$name: tells the same");
    check($each->list(['q' => '100 _ ' . $title])->tasks === [], "$name: no sign of the filter is a pattern");
    check(count($each->list(['Queue' => 'default', 'QueuedFrom' => 1, 'QueuedUntil' => 2147483647, 'limit' => 1])) === 1,
        "$name: times");
    check(count($each->list(['QueuedUntil' => 1000, 'limit' => 1])) === 0, "$name: before there were tasks");
}

// The examples of the README do what they say.
preg_match('/^## Follow tasks$(.*?)^## /ms', file_get_contents(dirname(__DIR__, 3) . '/module/php/README.md'), $section);
preg_match_all('/^```php\n(.*?)^```/ms', $section[1], $examples);
$printed = [];
foreach ($examples[1] as $example) {
    $pdo = connect();
    ob_start();
    eval(str_replace("'inp_'", var_export($prefix, true), $example));
    $printed[] = ob_get_clean();
}
check($printed === [
    "success: 100 % done, step 3 of 3\nhello\n",
    "The first import will not run.\nImport b.csv is scheduled\nImport a.csv is cancelled\n",
    '',
], 'the examples: ' . json_encode($printed));
// What is wrong with the site's settings is said, and is not taken for a task that is not there.
foreach ([
    'Give the prefix' => TaskQueue::overDatabase(connect(), 'no_such_prefix_'),
    'Give the base URL' => TaskQueue::overHttp(dirname(getenv('BASE_URL')), getenv('API_TOKEN')),
] as $mend => $queue) {
    foreach ([['find', 1], ['cancel', 1], ['retry', 1], ['addTask', 'Echo']] as [$method, $argument]) {
        try {
            $queue->$method($argument);
            check(false, "$method() is refused");
        } catch (UnavailableError $error) {
            check(strpos((string)$error->getMend(), $mend) === 0, "$method(): {$error->getMessage()}");
        }
    }
}
echo "ok\n";
