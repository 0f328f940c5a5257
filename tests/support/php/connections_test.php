<?php
// Enqueueing over connections with unusual settings, on a running stack: php connections_test.php AUTOLOAD, with the
// variables of serve.env in the environment. Prints "ok" and exits with 0, or names the first failure.

use TaskQueue\TaskQueue;

require $argv[1];
require __DIR__ . '/checks.php';

$prefix = getenv('TABLE_PREFIX');
$other = connect();
$later = time() + 3600;
$row = static function (int $id) use ($other, $prefix): ?array {
    $statement = $other->prepare("SELECT * FROM {$prefix}TaskQueue WHERE Id = ?");
    $statement->execute([$id]);
    return $statement->fetch(PDO::FETCH_ASSOC) ?: null;
};
$newKey = static function (): string {
    return 'key ' . bin2hex(random_bytes(6));
};

// The way in which a connection returns names and empty values must not matter: the site's transaction stays open.
$looks = [
    'lower case' => [PDO::ATTR_CASE => PDO::CASE_LOWER],
    'upper case' => [PDO::ATTR_CASE => PDO::CASE_UPPER],
    'empty is null' => [PDO::ATTR_ORACLE_NULLS => PDO::NULL_EMPTY_STRING],
    'null is empty' => [PDO::ATTR_ORACLE_NULLS => PDO::NULL_TO_STRING],
    'silent' => [PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT],
    'prepared by the server' => [PDO::ATTR_EMULATE_PREPARES => false, PDO::ATTR_STRINGIFY_FETCHES => true],
];
foreach ($looks as $name => $options) {
    $pdo = connect($options);
    $queue = TaskQueue::overDatabase($pdo, $prefix);
    $pdo->beginTransaction();
    $key = $newKey();
    $id = $queue->addTask('Noop', ['a' => 1], $later, null, ['UniqueKey' => $key]);
    check($queue->addTask('Noop', [], $later, null, ['UniqueKey' => $key]) === $id, "$name: the key's holder");
    $inside = $pdo->query('SELECT @@in_transaction')->fetchColumn();
    check((int)$inside === 1, "$name: the transaction is open still");
    check($row($id) === null, "$name: nobody sees the task before COMMIT");
    $pdo->rollBack();
    check($row($id) === null, "$name: after ROLLBACK it never existed");
    $task = $row($queue->addTask('Noop', [], $later));
    check($task['Queue'] === 'default' && (int)$task['Priority'] === 5, "$name: the defaults");
    check((int)$task['MaxRetries'] === 5 && $task['Title'] === '' && $task['UniqueKey'] === null, "$name: what was not said");
    $window = ['UniqueKey' => $newKey(), 'UniqueMode' => 'window', 'UniqueSeconds' => 60];
    $id = $queue->addTask('Noop', [], $later, null, $window);
    check($queue->addTask('Noop', [], $later, null, $window) === $id, "$name: the window's holder");
}

// A transaction of our own ends with our COMMIT, whatever completion_type is set to.
foreach (['CHAIN', 'RELEASE'] as $type) {
    $pdo = connect();
    $pdo->exec("SET completion_type = '$type'");
    $id = TaskQueue::overDatabase($pdo, $prefix)->addTask('Noop', [], $later, null, ['UniqueKey' => $newKey()]);
    check((int)$pdo->query('SELECT @@in_transaction')->fetchColumn() === 0, "$type: no transaction is open afterwards");
    check($row($id) !== null, "$type: the task is there");
}

// TaskData is identical over any character set and SQL mode. Characters that a text column would lose are rejected.
$data = ['é😀' => "z\u{2028}'\\\"?:x", 'b' => 'Ωж'];
foreach (['utf8mb4' => 'é😀', 'utf8' => 'éж', 'latin1' => 'e', 'cp1251' => 'e', 'ascii' => 'e'] as $charset => $fits) {
    foreach (['', "SET sql_mode = ''"] as $mode) {
        $pdo = connect([], $charset);
        if ($mode !== '') {
            $pdo->exec($mode);
        }
        $queue = TaskQueue::overDatabase($pdo, $prefix);
        $key = $fits . $newKey();
        $task = $row($queue->addTask('Noop', $data, $later, null, ['Title' => $fits, 'UniqueKey' => $key]));
        check(json_decode($task['TaskData'], true) === $data, "$charset $mode: the data");
        check($task['Title'] === $fits && $task['UniqueKey'] === $key, "$charset $mode: title and key");
        if ($charset === 'utf8mb4') {
            continue;
        }
        foreach (['Title', 'UniqueKey', 'ConcurrencyKey'] as $option) {
            refused(static function () use ($queue, $option, $fits): void {
                $queue->addTask('Noop', [], null, null, [$option => $fits === 'e' ? 'é' : '😀']);
            }, 'utf8mb4');
        }
    }
}
$pdo = connect();
$pdo->exec('SET character_set_connection = latin1');
refused(static function () use ($pdo, $prefix): void {
    TaskQueue::overDatabase($pdo, $prefix)->addTask('Noop', [], null, null, ['Title' => 'Ωж']);
}, 'utf8mb4 and latin1');

// A site's transaction does not block a runner's heartbeat, under any isolation level.
$other->exec('SET innodb_lock_wait_timeout = 1');
foreach (['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as $level) {
    $pdo = connect();
    $pdo->exec("SET SESSION TRANSACTION ISOLATION LEVEL $level");
    $queue = TaskQueue::overDatabase($pdo, $prefix);
    $pdo->beginTransaction();
    $id = $queue->addTask('Noop', [], $later);
    $queue->addTask('Noop', [], $later, null, ['UniqueKey' => $newKey()]);
    $runners = $other->exec("UPDATE {$prefix}TaskRunners SET MemoryKb = MemoryKb + 1 WHERE Status = 'running'");
    check($runners > 0, "$level: rows of runners can be written");
    refused(static function () use ($queue): void {
        $queue->addTask('NoSuchHandler', []);
    }, 'NoSuchHandler');
    $pdo->commit();
    check($row($id) !== null, "$level: the task is there");
}
echo "ok\n";
