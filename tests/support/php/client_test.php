<?php
// A site's use of module/php on a running stack: php client_test.php AUTOLOAD, with the variables of serve.env in the
// environment. Prints "ok" and exits with 0, or names the first failure.

use TaskQueue\EnqueueError;
use TaskQueue\Events;
use TaskQueue\Task;
use TaskQueue\TaskQueue;
use TaskQueue\TellOn;
use TaskQueue\UnavailableError;
use TaskQueue\Unique;

require $argv[1];
require __DIR__ . '/checks.php';

$prefix = getenv('TABLE_PREFIX');
$pdo = connect();
$other = connect();
$mysqli = new mysqli(null, getenv('DB_USER'), getenv('DB_PASSWORD'), getenv('DB_NAME'), 0, getenv('DB_SOCKET'));
$mysqli->set_charset('utf8mb4');

$row = static function (int $id) use ($other, $prefix): ?array {
    $statement = $other->prepare("SELECT * FROM {$prefix}TaskQueue WHERE Id = ?");
    $statement->execute([$id]);
    return $statement->fetch(PDO::FETCH_ASSOC) ?: null;
};
$waitForSuccess = static function (int $id) use ($row): void {
    for ($look = 0; $look < 300 && ($row($id)['LastStatus'] ?? '') !== 'success'; ++$look) {
        usleep(50000);
    }
    check($row($id)['LastStatus'] === 'success', "task $id succeeds");
};

foreach (['PDO' => $pdo, 'mysqli' => $mysqli] as $name => $connection) {
    $queue = TaskQueue::overDatabase($connection, $prefix);
    $connection instanceof PDO ? $connection->beginTransaction() : $connection->begin_transaction();
    $id = $queue->addTask('Noop', [], time(), 3, ['Title' => 'Zürich €', 'QueuedById' => -1, 'Priority' => 2]);
    check($id > 0 && $row($id) === null, "$name: nobody sees the task before COMMIT");
    $connection->commit();
    $task = $row($id);
    check($task !== null && $task['TaskData'] === '{}' && (int)$task['MaxRetries'] === 3, "$name: it is there after COMMIT");
    check($task['Title'] === 'Zürich €' && (int)$task['QueuedById'] === -1 && (int)$task['Priority'] === 2, "$name: options");
    $waitForSuccess($id);

    $connection instanceof PDO ? $connection->beginTransaction() : $connection->begin_transaction();
    $lost = $queue->addTask('Noop', []);
    $connection instanceof PDO ? $connection->rollBack() : $connection->rollback();
    check($row($lost) === null, "$name: after ROLLBACK it never existed");

    $later = time() + 3600;
    $key = "key of $name " . bin2hex(random_bytes(4));
    $first = $queue->addTask('Noop', ['a' => 1.0], $later, null, ['UniqueKey' => $key]);
    check($queue->addTask('Noop', ['a' => 2], $later, null, ['UniqueKey' => $key]) === $first, "$name: the live task stands");
    check($row($first)['TaskData'] === '{"a":1.0}' && (int)$row($first)['MaxRetries'] === 5, "$name: the first one's data");
    refused(static function () use ($queue): void {
        $queue->addTask('NoSuchHandler', []);
    }, 'NoSuchHandler');

    $second = $queue->addTask('Noop', ['a' => 3], $later, null, ['UniqueKey' => $key, 'UniqueMode' => 'replace']);
    check($second !== $first && $row($second)['ActiveKey'] === $key, "$name: the new task has the key");
    check($row($first)['LastStatus'] === 'cancelled' && $row($first)['NextRunOn'] === null, "$name: the old one was superseded");

    $told = ['UniqueKey' => "told $key", 'NotifyOn' => 'both', 'NotifyTo' => 'https://cms.example/hook', 'NotifyLanguage' => 'de'];
    $gone = $queue->addTask('Noop', [], $later, null, $told);
    check($row($gone)['NotifyOn'] === 'both' && $row($gone)['NotifyTo'] === $told['NotifyTo'], "$name: NotifyOn and NotifyTo");
    $queue->addTask('Noop', [], $later, null, ['UniqueKey' => $told['UniqueKey'], 'UniqueMode' => 'replace']);
    check($row($gone)['LastStatus'] === 'cancelled', "$name: the told one was superseded");
    for ($look = 0; $look < 300 && $row($gone)['NotificationTaskId'] === null; ++$look) {
        usleep(50000);
    }
    $message = $row((int)$row($gone)['NotificationTaskId'])['TaskData'] ?? '';
    check(strpos($message, '"Superseded":true') !== false, "$name: a runner tells of it");
    check($row($gone)['NextRunOn'] === null, "$name: and leaves it alone");

    $window = ['UniqueKey' => "window $key", 'UniqueMode' => 'window', 'UniqueSeconds' => 3, 'ConcurrencyKey' => 'customer 7'];
    $once = $queue->addTask('Noop', [], null, null, $window);
    check($row($once)['ConcurrencyKey'] === 'customer 7', "$name: ConcurrencyKey");
    $waitForSuccess($once);
    check($queue->addTask('Noop', [], null, null, $window) === $once, "$name: the window outlasts the success");
    $until = (int)$row($once)['UniqueUntil'];
    while (time() <= $until) {
        usleep(100000);
    }
    check($queue->addTask('Noop', [], null, null, $window) !== $once, "$name: and then it is over");
    check($row($once)['LastStatus'] === 'success', "$name: the first one stays as it ended");
}

// A site's open transaction with one unique key blocks no client with another key. This holds under the site's default
// isolation level and for every state of the key.
$other->exec('SET innodb_lock_wait_timeout = 1');
$pdo->exec('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
$site = TaskQueue::overDatabase($pdo, $prefix);
$peer = TaskQueue::overDatabase($other, $prefix);
$last = 'zz ' . bin2hex(random_bytes(4));  // sorts last in the index, so its gap reaches to the end
foreach (['keep', 'replace'] as $mode) {
    foreach (['a key of nobody' => false, 'a key that is held' => true] as $state => $isHeld) {
        $key = "$last $mode $state";
        $holder = $isHeld ? $site->addTask('Noop', [], time() + 3600, null, ['UniqueKey' => $key]) : 0;
        if ($isHeld && $mode === 'replace') {
            // the lock on a superseded key reaches up to the next existing key
            $site->addTask('Noop', [], time() + 3600, null, ['UniqueKey' => "zzA $last"]);
        }
        $pdo->beginTransaction();
        $id = $site->addTask('Noop', [], time() + 3600, null, ['UniqueKey' => $key, 'UniqueMode' => $mode]);
        check(($id === $holder) === ($isHeld && $mode === 'keep'), "$mode, $state: the Id");
        foreach (["a$key", "zz$key"] as $elsewhere) {
            $done = $peer->addTask('Noop', [], null, null, ['UniqueKey' => $elsewhere, 'UniqueMode' => $mode]);
            $waitForSuccess($done);  // a runner could claim its run
        }
        $pdo->commit();
    }
}
// Two clients supersede the same task at once: one waits for the other, and the later data stays.
$pdo->beginTransaction();
$earlier = $site->addTask('Noop', ['who' => 1], time() + 3600, null, ['UniqueKey' => $last, 'UniqueMode' => 'replace']);
try {
    $peer->addTask('Noop', ['who' => 2], time() + 3600, null, ['UniqueKey' => $last, 'UniqueMode' => 'replace']);
    check(false, 'the key of an open transaction is waited for');
} catch (RuntimeException $problem) {
    check($problem->getCode() === 1205, "the code is MariaDB's number: {$problem->getCode()}");
}
$pdo->commit();
$later = $peer->addTask('Noop', ['who' => 2], time() + 3600, null, ['UniqueKey' => $last, 'UniqueMode' => 'replace']);
check($row($later)['TaskData'] === '{"who":2}' && $row($earlier)['LastStatus'] === 'cancelled', 'the later one replaces');

$http = TaskQueue::overHttp(getenv('BASE_URL'), getenv('API_TOKEN'));
$id = $http->addTask('Echo', ['message' => 'über HTTP'], new DateTimeImmutable('-1 second'), 2, ['Title' => 'T']);
$waitForSuccess($id);
check(json_decode($row($id)['TaskData'], true) === ['message' => 'über HTTP'], 'HTTP: data');
foreach (['HTTP' => $http, 'SQL' => TaskQueue::overDatabase($pdo, $prefix)] as $name => $queue) {
    $refused = [['Echo', ['sleep' => -1], 'TaskData/sleep', 'schema'], ['NoSuchHandler', [], 'TaskHandlerClass', 'unknown_handler']];
    foreach ($refused as [$class, $data, $member, $code]) {
        foreach (['' => [], '1/' => ['Noop']] as $position => $before) {
            try {
                $position === '' ? $queue->addTask($class, $data) : $queue->addTasks(array_merge($before, [[$class, $data]]));
                check(false, "$name: $member is refused");
            } catch (EnqueueError $error) {
                $is = "$name: {$error->getMember()} {$error->getErrorCode()}: {$error->getMessage()}";
                check($error->getMember() === $position . $member && $error->getErrorCode() === $code, $is);
                check(strpos($error->getMessage(), $member) !== false || strpos($error->getMessage(), $class) !== false, $is);
            }
        }
    }

    $later = new DateTimeImmutable('+1 hour');
    $key = "Task over $name " . bin2hex(random_bytes(4));
    $task = Task::of('Noop', ['a' => 1])->at($later)->tries(3)->onQueue('imports')->priority(2)->unique($key, Unique::Window, 60)
        ->concurrencyKey('c')->title('T')->queuedBy(7)->tell('https://cms.example/hook', TellOn::Failure, 'de');
    $is = $row($queue->addTask($task));
    $wanted = ['TaskHandlerClass' => 'Noop', 'TaskData' => '{"a":1}', 'ScheduledOn' => $later->getTimestamp(), 'MaxRetries' => 3,
        'Queue' => 'imports', 'Priority' => 2, 'UniqueKey' => $key, 'ConcurrencyKey' => 'c', 'Title' => 'T', 'QueuedById' => 7,
        'NotifyOn' => 'failure', 'NotifyTo' => 'https://cms.example/hook', 'NotifyLanguage' => 'de'];
    $found = array_merge($wanted, array_intersect_key($is, $wanted));
    check(array_map('strval', $wanted) === array_map('strval', $found), "$name: " . json_encode($found));
    check((int)$is['UniqueUntil'] - (int)$is['QueuedOn'] === 60, "$name: the window");
}
refused(static function (): void {
    TaskQueue::overHttp(getenv('BASE_URL'), 'wrong')->addTask('Noop', []);
}, '401');

try {
    TaskQueue::overHttp('http://127.0.0.1:1', 'token')->addTask('A');
    check(false, 'a queue that does not answer');
} catch (UnavailableError $error) {
    check($error->getErrorCode() === 'http' && $error->getCode() === 0, 'the code of a queue that does not answer');
}

$secret = tempnam(sys_get_temp_dir(), 'taskqueue-event-');
file_put_contents($secret, getenv('EVENT_SECRET') . "\n");
$events = Events::overHttp(getenv('BASE_URL') . '/', $secret);
check(isset($events->trigger('task-queue:OnProcess')['CreatedTaskRuns']), 'the overseer is called from PHP');
file_put_contents($secret, 'wrong');
try {
    $events->trigger('task-queue:OnProcess');
    check(false, 'a wrong event secret is refused');
} catch (RuntimeException $problem) {
    check(strpos($problem->getMessage(), 'answered 401') !== false, $problem->getMessage());
}
unlink($secret);
echo "ok\n";
