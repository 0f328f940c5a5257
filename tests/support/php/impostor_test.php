<?php
// A server that answers each address with 200 is no queue, nor is a connection that was never made: php impostor_test.php.
// Prints "ok" and exits with 0, or names the first failure.

use TaskQueue\ClientError;
use TaskQueue\Manager;
use TaskQueue\TaskQueue;

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';

const STARTED_WITHIN = 10;  // seconds

$home = trim((string)shell_exec('mktemp -d /tmp/taskqueue-php-impostor-XXXXXX'));
$secretFile = "$home/event.secret";
file_put_contents($secretFile, "secret\n");
file_put_contents("$home/answer.php", '<?php readfile(__DIR__ . "/answer");');

$listener = stream_socket_server('tcp://127.0.0.1:0');
check(is_resource($listener), 'a port');
$port = (int)substr((string)strrchr((string)stream_socket_get_name($listener, false), ':'), 1);
fclose($listener);
$quiet = ['file', '/dev/null', 'w'];
$pipes = [];
$server = proc_open([PHP_BINARY, '-S', "127.0.0.1:$port", "$home/answer.php"], [['file', '/dev/null', 'r'], $quiet, $quiet], $pipes);
check(is_resource($server), 'a server');
register_shutdown_function(static function () use ($server, $home): void {
    proc_terminate($server);
    proc_close($server);
    exec('rm -rf ' . escapeshellarg($home));
});
$until = microtime(true) + STARTED_WITHIN;
while (($connection = @fsockopen('127.0.0.1', $port)) === false) {
    check(microtime(true) < $until, 'the server answers');
    usleep(20000);
}
fclose($connection);

$queue = TaskQueue::overHttp("http://127.0.0.1:$port", 'token');
$manager = Manager::overHttp("http://127.0.0.1:$port", $secretFile);
$calls = [
    'addTask' => static function () use ($queue): void { $queue->addTask('Echo'); },
    'addTasks' => static function () use ($queue): void { $queue->addTasks(['Echo', 'Echo']); },
    'find' => static function () use ($queue): void { $queue->find(5); },
    'cancel' => static function () use ($queue): void { $queue->cancel(5); },
    'retry' => static function () use ($queue): void { $queue->retry(5); },
    'list' => static function () use ($queue): void { $queue->list(); },
    'runnersAlive' => static function () use ($queue): void { $queue->runnersAlive(); },
];
$events = [
    'processQueue' => static function () use ($manager): void { $manager->processQueue(); },
    'createMissingTaskRuns' => static function () use ($manager): void { $manager->createMissingTaskRuns(); },
    'createTaskHandler' => static function () use ($manager): void { $manager->createTaskHandler('X'); },
];
$answers = [
    '<html>front page</html>' => $calls + $events, '[]' => $calls + $events, '"x"' => $calls, '{"Id":0}' => $calls, '{"Ids":["x"]}' => $calls,
    '[{"Id":"x"},{"Id":-1}]' => $calls,
];
foreach ($answers as $answer => $asked) {
    file_put_contents("$home/answer", $answer);
    foreach ($asked as $name => $call) {
        try {
            $call();
            check(false, "$name() takes $answer for the answer of a queue");
        } catch (ClientError $error) {
            check(strpos($error->getMessage(), 'answers as no queue does') !== false, "$name(), $answer: {$error->getMessage()}");
            check(strpos($error->getMend(), 'base URL of the queue') !== false, "$name(), $answer: {$error->getMend()}");
        }
    }
}

foreach ([MYSQLI_REPORT_OFF, MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT] as $mode) {
    mysqli_report($mode);
    try {
        TaskQueue::overDatabase(mysqli_init())->addTask('Echo');
        check(false, 'a mysqli without a connection');
    } catch (ClientError $error) {
        check(strpos($error->getMend(), 'Connect anew') === 0, "a mysqli without a connection: {$error->getMessage()}");
    }
}
echo "ok\n";
