<?php
// The client wakes runners: php wake_test.php. It needs DB_SOCKET, DB_USER, DB_NAME and TABLE_PREFIX in the environment, and
// an empty schema. Prints "ok" and exits with 0, or names the first failure.

use TaskQueue\RunnerWake;
use TaskQueue\TaskQueue;

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';

$directory = trim((string)shell_exec('mktemp -d /tmp/taskqueue-php-wake-XXXXXX'));
register_shutdown_function(static function () use ($directory): void {
    exec('rm -rf ' . escapeshellarg($directory));
});
$listen = static function (string $path) {
    $socket = stream_socket_server("udg://$path", $number, $problem, STREAM_SERVER_BIND);
    stream_set_blocking($socket, false);
    return $socket;
};
$sockets = [$listen("$directory/runner-1.wake"), $listen("$directory/runner-2.wake")];
$elsewhere = $listen("$directory/elsewhere");
symlink("$directory/elsewhere", "$directory/runner-3.wake");
/** @var string $said the datagrams that the last runner has got */
$said = '';
/** Returns how many datagrams each runner has got. */
$wakes = static function () use ($sockets, &$said): array {
    $counts = [];
    foreach ($sockets as $socket) {
        $said = (string)stream_get_contents($socket);
        $counts[] = substr_count($said, 'w');
    }
    return $counts;
};
$prefix = getenv('TABLE_PREFIX');
$mysqli = new mysqli('localhost', getenv('DB_USER'), getenv('DB_PASSWORD') ?: '', getenv('DB_NAME'), 0, getenv('DB_SOCKET'));

if (isset($argv[1])) {  // the process of a site, see below
    $pdo = connect();
    $pdo->beginTransaction();
    TaskQueue::overDatabase($pdo, $prefix, TaskQueue::REFUSE_UNKNOWN_HANDLERS, $argv[1])->addTask('Plain', []);
    register_shutdown_function(static function () use ($pdo): void {
        $pdo->commit();
    });
    exit(0);
}

connect()->exec("INSERT INTO {$prefix}TaskHandlers (TaskRunnerId, TaskHandlerClass) VALUES (1, 'Plain')");
foreach (['PDO' => connect(), 'PDO, native' => connect([PDO::ATTR_EMULATE_PREPARES => false]),
    'mysqli' => $mysqli] as $name => $connection) {
    $queue = TaskQueue::overDatabase($connection, $prefix, TaskQueue::REFUSE_UNKNOWN_HANDLERS, $directory);
    $id = $queue->addTask('Plain', []);
    check($wakes() === [1, 1] && $said === "w $id", "$name: after autocommit");
    $queue->addTask('Plain', [], null, null, ['UniqueKey' => "wake $name"]);
    check($wakes() === [1, 1], "$name: after a transaction of the client's own");
    $ids = $queue->addTasks([['Plain', []], ['Plain', []]]);
    check($wakes() === [1, 1] && $said === "w $ids[0] $ids[1]", "$name: once for some");
    $queue->addTasks(array_fill(0, 33, ['Plain', []]));
    check($wakes() === [1, 1] && $said === 'w', "$name: once for many, without their Ids");
    $queue->cancel($id);
    check($wakes() === [0, 0], "$name: not for a cancel");
    $queue->retry($id);
    check($wakes() === [1, 1] && $said === 'w', "$name: for a retry");

    foreach (['begin' => 'START TRANSACTION', 'autocommit' => 'SET autocommit = 0'] as $way => $statement) {
        $connection->query($statement);
        $queue->addTask('Plain', []);
        $queue->addTask('Plain', []);
        check($wakes() === [0, 0], "$name, $way: not before COMMIT");
        $connection->query('COMMIT');
        $queue->wake();
        check($wakes() === [1, 1], "$name, $way: at wake()");
        $connection->query('SET autocommit = 1');
    }
    if ($name !== 'PDO') {
        continue;
    }
    $connection->beginTransaction();
    $queue->addTask('Plain', []);
    $connection->commit();
    check($wakes() === [0, 0], 'the client does not see the COMMIT of the site');
    RunnerWake::pending();
    RunnerWake::pending();
    check($wakes() === [1, 1], 'it wakes once at the end of the request');
}
check((string)stream_get_contents($elsewhere) === '', 'no link is followed');

exec(PHP_BINARY . ' ' . escapeshellarg(__FILE__) . ' ' . escapeshellarg($directory) . ' 2>&1', $output, $status);
check($status === 0 && $wakes() === [1, 1], 'a request that commits in a shutdown function: ' . implode("\n", $output));

// Nothing depends on it: a full socket, one without a listener, no right, no directory.
$queue = TaskQueue::overDatabase(connect(), $prefix, TaskQueue::REFUSE_UNKNOWN_HANDLERS, $directory);
$before = microtime(true);
for ($wake = 0; $wake < 2000; ++$wake) {
    $queue->wake();
}
fclose($sockets[0]);
set_error_handler(static function (int $level, string $message): bool {
    check((error_reporting() & $level) === 0, "no warning: $message");
    return true;
});
$queue->wake();
check(microtime(true) - $before < 30, 'it never waits');
chmod("$directory/runner-2.wake", 0);
foreach ([$directory, "$directory/missing", "$directory/elsewhere", ''] as $none) {
    $queue = TaskQueue::overDatabase(connect(), $prefix, TaskQueue::REFUSE_UNKNOWN_HANDLERS, $none);
    check($queue->addTask('Plain', []) > 0, "it enqueues without runners in '$none'");
    $queue->wake();
}
echo "ok\n";
