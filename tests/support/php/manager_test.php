<?php
// Calls each method of TaskQueue\Manager: php manager_test.php http BASE_URL SECRET_FILE, or php manager_test.php program
// PROGRAM CONFIGURATION. Prints "ok" and exits with 0, or names the first failure. The handler Echo must be known.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';

use TaskQueue\EventRefused;
use TaskQueue\Events;
use TaskQueue\Manager;

[, $way, $first, $second] = $argv;
$queue = $way === 'http' ? Manager::overHttp($first, $second) : Manager::overCommandLine($first, $second);
$events = $way === 'http' ? Events::overHttp($first, $second) : Events::overCommandLine($first, $second);

check($queue->createTaskHandler('Echo')['TaskHandlerClass'] === 'Echo', 'a handler that was announced');
try {
    $queue->createTaskHandler('NoSuchHandler');
    check(false, 'a handler that was never announced');
} catch (EventRefused $refusal) {
    check(strpos($refusal->getMessage(), 'No runner has ever announced the handler NoSuchHandler') !== false, $refusal->getMessage());
}
check($queue->refreshTaskRunnersStatus() === [], 'no runner has died');
check($queue->createMissingTaskRuns() === ($way === 'http' ? 0 : 1), 'runs for due tasks');
check($queue->createMissingTaskRuns() === 0, 'no run twice');
check(array_key_exists('CreatedTaskRuns', $queue->processQueue()), 'a pass of the overseer');
$missing = $queue->getMissingTaskRunnerCount();
check($missing === 0 && $queue->getTaskRunner() === null, "no runner is missing: $missing");
check($queue->getTaskRunnerCount() === ($way === 'http' ? 2 : 0), 'the number of runners');
check($queue->createMissingTaskRunners()['StartedTaskRunners'] === 0, 'none is started');
check((new TaskQueue\TaskRunner($events))->process() !== [], 'a runner that is not missing does not work');
if ($way === 'http') {
    check(isset($queue->runStandalone()['Claimed']), 'a short-lived runner');
}

// Events of rows.
check($events->trigger('task-run:OnAfterItemUpdate', 2000000000) === ['Recounted' => false], 'no such task');
check($events->trigger('task-runner:OnAfterItemUpdate', 2000000000) === ['TimedOut' => false], 'no such runner');
$columns = $events->trigger('task-queue:OnBeforeItemCreate', ['TaskHandlerClass' => 'Echo', 'TaskData' => ['message' => 'Grüße']]);
check($columns['LastStatus'] === 'scheduled' && $columns['MaxRetries'] > 0, json_encode($columns));
foreach ([['task-queue:OnBeforeItemCreate', ['TaskHandlerClass' => 'Echo', 'Priority' => 99]], ['task-run:OnBeforeItemCreate', 2000000000]] as [$event, $input]) {
    try {
        $events->trigger($event, $input);
        check(false, "$event refuses");
    } catch (EventRefused $refusal) {
        check(strpos($refusal->getMessage(), is_array($input) ? '/Priority' : 'There is no task') !== false, $refusal->getMessage());
    }
}
foreach ([['task-queue:OnProcess', 5], ['task-run:OnAfterItemUpdate', null], ['task-queue:OnNothing', null]] as [$event, $input]) {
    try {
        $events->trigger($event, $input);
        check(false, "$event with a wrong input");
    } catch (InvalidArgumentException $refusal) {
        check($refusal->getMessage() !== '', 'a reason');
    }
}
echo "ok\n";
