<?php
// php enqueue.php AUTOLOAD SOCKET DATABASE SECONDS measures enqueues per second, each in its own transaction over PDO: first
// a bare INSERT, then the client's addTask().

[, $autoload, $socket, $database, $seconds] = $argv;
require $autoload;

$pdo = new PDO("mysql:unix_socket=$socket;dbname=$database;charset=utf8mb4", 'root', '');
$pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$data = ['to' => 'user@example.com', 'subject' => 'hello', 'n' => 12345];

$rateOf = static function (callable $enqueue) use ($pdo, $seconds): float {
    $tasks = 0;
    $start = microtime(true);
    while (microtime(true) - $start < (float)$seconds) {
        $pdo->beginTransaction();
        $enqueue();
        $pdo->commit();
        ++$tasks;
    }
    return $tasks / (microtime(true) - $start);
};

$insert = 'INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, MaxRetries, Queue, Priority, '
    . "Title) VALUES (?, ?, UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), ?, ?, ?, ?, '')";
$bare = $rateOf(static function () use ($pdo, $insert, $data): void {
    $pdo->prepare($insert)->execute(['Noop', json_encode($data), 0, 5, 'default', 5]);
});
$queue = TaskQueue\TaskQueue::overDatabase($pdo, 'inp_');
$ours = $rateOf(static function () use ($queue, $data): void {
    $queue->addTask('Noop', $data);
});
echo "$bare $ours\n";
