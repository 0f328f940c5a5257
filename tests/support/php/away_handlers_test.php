<?php
// Enqueueing over SQL for handlers that no runner offers: php away_handlers_test.php. It needs DB_SOCKET, DB_USER, DB_NAME
// and TABLE_PREFIX in the environment, and an empty schema. Prints "ok" and exits with 0, or names the first failure.

use TaskQueue\IDeclaredTaskHandler;
use TaskQueue\TaskQueue;
use TaskQueue\TaskRun;

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';

final class SiteReport implements IDeclaredTaskHandler
{
    public static function getTaskHandlerSettings(): array
    {
        return ['MaxRetries' => 2, 'Queue' => 'slow', 'Priority' => 1, 'DataSchema' => '{}'];
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
    }
}

final class WrongSettings implements IDeclaredTaskHandler
{
    public static function getTaskHandlerSettings(): array
    {
        return ['MaxRetries' => -1, 'Queue' => 'a b'];
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
    }
}

final class ThrowingSettings implements IDeclaredTaskHandler
{
    public static function getTaskHandlerSettings(): array
    {
        throw new LogicException('no configuration');
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
    }
}

final class NoHandler
{
}

spl_autoload_register(static function (string $class): void {
    if ($class === 'BrokenHandler') {
        eval('final class BrokenHandler { public function x( }');
    }
});

$prefix = getenv('TABLE_PREFIX');
$other = connect();
$other->exec("INSERT INTO {$prefix}TaskRunners (Id, Status, FinishedOn) VALUES (1, 'success', 5), (2, 'success', 7)");
$other->exec("INSERT INTO {$prefix}TaskHandlers (TaskRunnerId, TaskHandlerClass, MaxRetries, Queue, WithdrawnOn) VALUES "
    . "(1, 'Away', 3, '', NULL), (2, 'Away', 7, 'mail', 6), (2, 'Webhook', 0, '', NULL)");
$row = static function (int $id) use ($other, $prefix): array {
    return $other->query("SELECT MaxRetries, Queue, Priority, NextRunOn FROM {$prefix}TaskQueue WHERE Id = $id")->fetch(PDO::FETCH_NUM);
};
$mysqli = new mysqli('localhost', getenv('DB_USER'), getenv('DB_PASSWORD') ?: '', getenv('DB_NAME'), 0, getenv('DB_SOCKET'));
$mysqli->set_charset('utf8mb4');
foreach ([
    'PDO' => connect(),
    'PDO, prepared by the server' => connect([PDO::ATTR_EMULATE_PREPARES => false]),
    'PDO, silent' => connect([PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT]),
    'mysqli' => $mysqli,
] as $name => $connection) {
    $queue = TaskQueue::overDatabase($connection, $prefix);
    check($row($queue->addTask('Away', [])) === [7, 'mail', 5, 0], "$name: what the class declared last");
    check($row($queue->addTask('SiteReport', [])) === [2, 'slow', 1, 0], "$name: what a class of the site declares");
    foreach (['WrongSettings', 'ThrowingSettings', 'BrokenHandler'] as $class) {
        check($row($queue->addTask($class, [])) === [5, 'default', 5, 0], "$name: $class breaks no page");
    }
    foreach (['Never', 'NoHandler', 'no class name', '../etc/passwd'] as $class) {
        refused(static function () use ($queue, $class): void {
            $queue->addTask($class, []);
        }, "No runner has announced the handler $class so far");
    }
    $parking = TaskQueue::overDatabase($connection, $prefix, TaskQueue::PARK_UNKNOWN_HANDLERS);
    check($row($parking->addTask('Never', [])) === [5, 'default', 5, 0], "$name: a name that was never seen, where that is wanted");

    $told = ['NotifyOn' => 'both', 'NotifyTo' => 'https://cms.example/hook'];
    check($queue->addTask('Away', [], null, null, $told) > 0, "$name: told by a handler that is away");
    refused(static function () use ($queue): void {
        $queue->addTask('Away', [], null, null, ['NotifyOn' => 'both', 'NotifyTo' => 'a@b.example']);
    }, 'NotifyByMail so far');
    check($parking->addTask('Away', [], null, null, ['NotifyOn' => 'both', 'NotifyTo' => 'a@b.example']) > 0, "$name: or by one never seen");

    // Another client locks the table of handlers for longer than a visitor waits.
    $other->exec("LOCK TABLES {$prefix}TaskHandlers WRITE");
    $before = microtime(true);
    $id = $queue->addTask('Never', []);
    $seconds = microtime(true) - $before;
    $other->exec('UNLOCK TABLES');
    check($row($id) === [5, 'default', 5, 0] && $seconds < 30, "$name: the look at handlers took $seconds s");

    // A runner stalls while it registers, under an isolation level whose reads take locks.
    $other->beginTransaction();
    $other->exec("UPDATE {$prefix}TaskHandlers SET MaxRetries = MaxRetries + 1");
    $start = $connection instanceof PDO ? 'exec' : 'query';
    $connection->$start('SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE');
    $connection->$start('START TRANSACTION');
    $id = $queue->addTask('Away', []);
    $connection->$start('COMMIT');
    $other->rollBack();
    check($row($id)[1] === 'default', "$name: the site's transaction was not lost");
}
refused(static function () use ($prefix): void {
    TaskQueue::overDatabase(connect(), $prefix, 'ignore');
}, "refuse or park, not 'ignore'");
echo "ok\n";
