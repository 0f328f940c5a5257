<?php
// Enqueueing over a site's own connection with any session settings: php site_session_test.php AUTOLOAD SOCKET SCHEMA, as
// root of a server on which Noop is announced. Prints "ok" and exits with 0, or names the first failure.

use TaskQueue\EnqueueError;
use TaskQueue\TaskQueue;

require $argv[1];
require __DIR__ . '/checks.php';

[, , $socket, $schema] = $argv;
$pdo = static function (bool $emulates) use ($socket, $schema): PDO {
    return new PDO("mysql:unix_socket=$socket;dbname=$schema;charset=utf8mb4", 'root', '', [
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        PDO::ATTR_EMULATE_PREPARES => $emulates,
    ]);
};
$kinds = [
    'PDO' => static function () use ($pdo): PDO {
        return $pdo(true);
    },
    'PDO, prepared' => static function () use ($pdo): PDO {
        return $pdo(false);
    },
    'mysqli' => static function () use ($socket, $schema): mysqli {
        $connection = new mysqli('localhost', 'root', '', $schema, 0, $socket);
        $connection->set_charset('utf8mb4');
        return $connection;
    },
];
$other = $pdo(true);
$run = static function ($connection, string $sql): void {
    $connection instanceof PDO ? $connection->exec($sql) : $connection->query($sql);
};
$number = static function ($connection, string $sql): int {
    return (int)($connection instanceof PDO
        ? $connection->query($sql)->fetchColumn()
        : $connection->query($sql)->fetch_row()[0]);
};
$row = static function (int $id) use ($other): ?array {
    return $other->query("SELECT * FROM inp_TaskQueue WHERE Id = $id")->fetch(PDO::FETCH_ASSOC) ?: null;
};

$settings = [
    'autocommit = 0', 'completion_type = 1', 'completion_type = 2', 'sql_auto_is_null = 1', "time_zone = '+13:00'",
    "sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE,IGNORE_SPACE'",
    "sql_mode = 'ORACLE'", "sql_mode = 'STRICT_ALL_TABLES,EMPTY_STRING_IS_NULL'", "sql_mode = ''", "sql_mode = 'MSSQL'",
    'div_precision_increment = 0', 'sql_safe_updates = 1', 'max_join_size = 1', 'sql_select_limit = 0',
    'sql_select_limit = 1', 'sql_buffer_result = 1', 'big_tables = 1', 'unique_checks = 0', 'foreign_key_checks = 0',
    'check_constraint_checks = 0', 'max_error_count = 0', 'tmp_disk_table_size = 1024', 'innodb_snapshot_isolation = 1',
    'innodb_lock_wait_timeout = 0', 'lock_wait_timeout = 0', 'auto_increment_increment = 7', 'sql_notes = 0',
    "collation_connection = 'utf8mb4_bin'", 'group_concat_max_len = 4', 'max_sort_length = 64',
    "optimizer_switch = 'subquery_cache=off,materialization=off,semijoin=off'", 'in_predicate_conversion_threshold = 2',
];
foreach ($kinds as $kind => $open) {
    foreach ($settings as $setting) {
        $what = "$kind, $setting:";
        $connection = $open();
        $run($connection, "SET $setting");
        $queue = TaskQueue::overDatabase($connection);
        $key = ['UniqueKey' => 'key ' . bin2hex(random_bytes(6))];
        $id = $queue->addTask('Noop', ['a' => "it's"], null, null, $key + ['Title' => 'Ωж']);
        check($queue->addTask('Noop', [], null, null, $key) === $id, "$what the live task stands for the new one");
        $plain = $queue->addTask('Noop', []);
        check($queue->addTask('Noop', [], null, null, $key + ['UniqueMode' => 'replace']) !== $id, "$what a task is superseded");
        $many = $queue->addTasks([['Noop', ['a' => "it's \\ \""], null, null, ['Title' => "?\\'Ω"]], ['Noop', []]]);
        $isOpen = $number($connection, 'SELECT @@in_transaction LIMIT 1') === 1;
        check($isOpen === ($setting === 'autocommit = 0'), "$what the site's transaction is the site's");
        $found = $queue->find($many[0]);
        check($found->title === "?\\'Ω" && $found->taskData === ['a' => "it's \\ \""], "$what one of many tasks");
        check($found->waitCode !== null && $queue->find($many[1])->title === '', "$what its reason and the other one");
        check($queue->cancel($many[1]) === 'cancelled' && $queue->retry($many[1]) === 'scheduled', "$what changes");
        check($queue->list(['limit' => 1, 'q' => 'Ω'])->tasks[0]->id >= $many[0], "$what the list");
        $run($connection, 'COMMIT');
        $task = $row($id);
        check($task !== null && $task['Title'] === 'Ωж' && $task['LastStatus'] === 'cancelled', "$what the first task");
        check(abs($task['QueuedOn'] - time()) < 60, "$what its time");
        $task = $row($plain);
        check($task['Title'] === '' && $task['ParkedReason'] === '' && $task['NotifyLanguage'] === '', "$what empty texts");
    }
}

// Other clients have used up the server's limit of prepared statements.
$most = $number($other, 'SELECT @@GLOBAL.max_prepared_stmt_count');
$other->exec('SET GLOBAL max_prepared_stmt_count = 0');
foreach ($kinds as $kind => $open) {
    foreach (['STRICT_ALL_TABLES', 'NO_BACKSLASH_ESCAPES'] as $mode) {
        $connection = $open();
        $run($connection, "SET sql_mode = '$mode'");
        $id = TaskQueue::overDatabase($connection)->addTask('Noop', ['a' => "?\\'\"é"], null, null, ['Title' => "?\\'"]);
        check($row($id)['Title'] === "?\\'", "$kind, $mode: a title without prepared statements");
        check(json_decode($row($id)['TaskData'], true) === ['a' => "?\\'\"é"], "$kind, $mode: TaskData");
        check(!$connection instanceof PDO
            || (bool)$connection->getAttribute(PDO::ATTR_EMULATE_PREPARES) === ($kind === 'PDO'), "$kind is as it was");
    }
}
$other->exec("SET GLOBAL max_prepared_stmt_count = $most");

// Input that would make the server close the site's connection is rejected before it is sent.
$other->exec('SET GLOBAL max_allowed_packet = 65536');
foreach ($kinds as $kind => $open) {
    $connection = $open();
    $queue = TaskQueue::overDatabase($connection);
    $run($connection, 'START TRANSACTION');
    $id = $queue->addTask('Noop', ['a' => str_repeat('x', 50000)]);
    foreach (['x', '"'] as $filling) {
        refused(static function () use ($queue, $filling): void {
            $queue->addTask('Noop', ['a' => str_repeat($filling, 70000)]);
        }, 'max_allowed_packet');
    }
    $run($connection, 'COMMIT');
    check($row($id) !== null, "$kind: the site's transaction went on");
}
echo "ok\n";
