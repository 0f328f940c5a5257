<?php
// php enqueue_on_demand.php AUTOLOAD SOCKET DATABASE WAKE_DIRECTORY enqueues a task of class Stamp over PDO, and wakes the
// runners, for each line of standard input.

use TaskQueue\TaskQueue;

[, $autoload, $socket, $database, $wakeDirectory] = $argv;
require $autoload;

$pdo = new PDO("mysql:unix_socket=$socket;dbname=$database;charset=utf8mb4", 'root', '', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$queue = TaskQueue::overDatabase($pdo, 'inp_', TaskQueue::REFUSE_UNKNOWN_HANDLERS, $wakeDirectory);
while (fgets(STDIN) !== false) {
    $queue->addTask('Stamp', [], null, null, ['Priority' => 0]);
}
