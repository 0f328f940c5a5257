<?php
// php enqueue.php AUTOLOAD SOCKET DATABASE SECONDS measures enqueues per second. Each line of the output has the rate of a
// bare INSERT, the client's, and a name. Both are measured in turns, so that the machine's load meets them alike; a rate
// is the median of the turns.

use TaskQueue\TaskQueue;

[, $autoload, $socket, $database, $seconds] = $argv;
require $autoload;

const DATA = ['to' => 'user@example.com', 'subject' => 'hello', 'n' => 12345];
const INSERT = 'INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, MaxRetries, Queue, Priority, '
    . 'Title) VALUES ';
const ROW = "(?, ?, UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), ?, ?, ?, ?, '')";
const TASKS = 1000;  // of one transaction, and of one INSERT of many rows
const TURN = 50;     // tasks of one turn in a transaction

$pdo = static function (bool $emulates) use ($socket, $database): PDO {
    return new PDO("mysql:unix_socket=$socket;dbname=$database;charset=utf8mb4", 'root', '', [
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        PDO::ATTR_EMULATE_PREPARES => $emulates,
    ]);
};
$mysqli = new mysqli('localhost', 'root', '', $database, 0, $socket);
$mysqli->set_charset('utf8mb4');

/** Measures two actions of so many tasks in turns, within transactions of 1,000, and prints a line. */
$measure = static function (string $name, $connection, int $tasksOfTurn, callable $bare, callable $ours) use ($seconds): void {
    $nanoseconds = [[], []];
    $end = microtime(true) + (float)$seconds;
    do {
        $connection instanceof PDO ? $connection->beginTransaction() : $connection->begin_transaction();
        for ($tasks = 0; $tasks < TASKS; $tasks += 2 * $tasksOfTurn) {
            foreach ([$bare, $ours] as $which => $action) {
                $start = hrtime(true);
                $action();
                $nanoseconds[$which][] = hrtime(true) - $start;
            }
        }
        $connection->rollBack();
    } while (microtime(true) < $end);
    $rates = array_map(static function (array $times) use ($tasksOfTurn): float {
        sort($times);
        return 1e9 * $tasksOfTurn / $times[intdiv(count($times), 2)];
    }, $nanoseconds);
    echo "$rates[0] $rates[1] $name\n";
};

$values = static function (): array {
    return ['Noop', json_encode(DATA), 0, 5, 'default', 5];
};
$tasks = array_fill(0, TASKS, ['Noop', DATA]);
$rows = implode(', ', array_fill(0, TASKS, ROW));

// Each in a transaction of its own, prepared anew, as a page does that adds one task.
$connection = $pdo(true);
$queue = TaskQueue::overDatabase($connection, 'inp_', TaskQueue::REFUSE_UNKNOWN_HANDLERS, '');
$measureCommits = static function () use ($connection, $queue, $values, $seconds): void {
    $counts = [0, 0];
    $spent = [0.0, 0.0];
    $end = microtime(true) + 2 * (float)$seconds;
    while (microtime(true) < $end) {
        foreach ([0, 1] as $which) {
            $start = microtime(true);
            $connection->beginTransaction();
            $which === 0 ? $connection->prepare(INSERT . ROW)->execute($values()) : $queue->addTask('Noop', DATA);
            $connection->commit();
            $spent[$which] += microtime(true) - $start;
            ++$counts[$which];
        }
    }
    echo $counts[0] / $spent[0], ' ', $counts[1] / $spent[1], " enqueue from PHP, each in a transaction\n";
};
$measureCommits();

foreach (['PDO' => $pdo(true), 'PDO, native' => $pdo(false), 'mysqli' => $mysqli] as $name => $connection) {
    $queue = TaskQueue::overDatabase($connection, 'inp_', TaskQueue::REFUSE_UNKNOWN_HANDLERS, '');
    $insert = $connection->prepare(INSERT . ROW);
    $isPdo = $connection instanceof PDO;
    $execute = static function ($statement, array $values) use ($isPdo): void {
        if (!$isPdo) {
            $statement->bind_param(str_repeat('s', count($values)), ...$values);
        }
        $isPdo ? $statement->execute($values) : $statement->execute();
    };
    $measure("addTask() in a transaction of 1,000, $name", $connection, TURN, static function () use ($execute, $insert, $values): void {
        for ($task = 0; $task < TURN; ++$task) {
            $execute($insert, $values());
        }
    }, static function () use ($queue): void {
        for ($task = 0; $task < TURN; ++$task) {
            $queue->addTask('Noop', DATA);
        }
    });
    $insertMany = $connection->prepare(INSERT . $rows);
    $measure("addTasks() of 1,000, $name", $connection, TASKS, static function () use ($execute, $insertMany, $values): void {
        $many = [];
        for ($task = 0; $task < TASKS; ++$task) {
            array_push($many, ...$values());
        }
        $execute($insertMany, $many);
    }, static function () use ($queue, $tasks): void {
        $queue->addTasks($tasks);
    });
}
