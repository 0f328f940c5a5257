<?php
// A site's use of module/php on a running stack: php client_test.php AUTOLOAD, with the variables of serve.env in the
// environment. Prints "ok" and exits with 0, or names the first failure.

use TaskQueue\Events;
use TaskQueue\FakeTransport;
use TaskQueue\TaskQueue;

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
refused(static function () use ($http): void {
    $http->addTask('Echo', ['sleep' => -1]);
}, '/TaskData/sleep');
refused(static function (): void {
    TaskQueue::overHttp(getenv('BASE_URL'), 'wrong')->addTask('Noop', []);
}, '401');

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

$fake = new FakeTransport();
$queue = new TaskQueue($fake);
check($queue->addTask('Anything', ['a' => 1], null, null, ['UniqueKey' => 'k']) === 1, 'fake: Id');
check($queue->addTask('Anything', ['a' => 2], null, null, ['UniqueKey' => 'k']) === 1, 'fake: unique key');
check($queue->addTask('Other', [], null, null, ['UniqueKey' => 'r']) === 2, 'fake: the next Id');
check($queue->addTask('Other', [], null, null, ['UniqueKey' => 'r', 'UniqueMode' => 'replace']) === 3, 'fake: replaces');
check(count($fake->getTasks()) === 2 && $fake->getTasks()[1]->taskData === '{"a":1}', 'fake: keeps the task');
$nested = static function (int $levels): array {
    $value = 1;
    for ($level = 0; $level < $levels; ++$level) {
        $value = ['a' => $value];
    }
    return $value;
};
check($queue->addTask('A', $nested(32)) > 0, 'fake: 32 levels of data');
check($queue->addTask('A', ['a' => array_fill(0, 9998, ',[{')]) > 0, 'fake: 10000 values');
check($queue->addTask('A', [], new DateTime('+9 years'), 1000, ['Title' => '', 'QueuedById' => -1000]) > 0, 'fake: the most');
// Rejected input, and a part of the error: class, data, scheduled_on, max_retries, options.
$key = ['UniqueKey' => 'k'];
foreach ([
    ['list', 'A', [1, 2]],
    ['UTF-8', 'A', ['a' => "\xFF"]],
    ['Inf and NaN', 'A', ['a' => INF]],
    ['32 levels', 'A', $nested(33)],
    ['10000 values', 'A', ['a' => array_fill(0, 9999, 1)]],
    ['larger', 'A', ['a' => str_repeat('x', 1 << 20)]],
    ['handler class', '', []],
    ['"." or ".." alone', '..', []],
    ['control characters', "A\nB", []],
    ['retries', 'A', [], null, 0],
    ['retries', 'A', [], null, 1001],
    ['schedule', 'A', [], '2026-12-31 10:00'],
    ['schedule', 'A', [], '12'],
    ['schedule', 'A', [], true],
    ['schedule', 'A', [], 1.5],
    ['schedule', 'A', [], 0],
    ['schedule', 'A', [], -5],
    ['schedule', 'A', [], time() * 1000],
    ['schedule', 'A', [], new DateTime('2099-01-01')],
    ['Colour', 'A', [], null, null, ['Colour' => 1]],
    ['UniqueKey', 'A', [], null, null, ['UniqueKey' => str_repeat('ü', 191)]],
    ['UniqueKey', 'A', [], null, null, ['UniqueKey' => '']],
    ['must be a string, not integer', 'A', [], null, null, ['UniqueKey' => 5]],
    ['ConcurrencyKey', 'A', [], null, null, ['ConcurrencyKey' => 7]],
    ['Title', 'A', [], null, null, ['Title' => "\xFF"]],
    ['Title', 'A', [], null, null, ['Title' => ['x']]],
    ['Title must be one line', 'A', [], null, null, ['Title' => "a\nb"]],
    ['Title must be one line', 'A', [], null, null, ['Title' => "a\u{9B}31m"]],
    ['UniqueKey must be one line', 'A', [], null, null, ['UniqueKey' => "a\x1B"]],
    ['ConcurrencyKey must be one line', 'A', [], null, null, ['ConcurrencyKey' => "a\u{2028}b"]],
    ['handler class', "A\u{85}", [], null, null, []],
    ['SentBy of a message', 'Webhook', ['SentBy' => 'queue', 'Message' => []], null, null, []],
    ['Title', 'A', [], null, null, ['Title' => str_repeat('x', 256)]],
    ['Queue', 'A', [], null, null, ['Queue' => "a\n"]],
    ['Queue', 'A', [], null, null, ['Queue' => ['a']]],
    ['"." or ".." alone', 'A', [], null, null, ['Queue' => '.']],
    ['"." or ".." alone', 'A', [], null, null, ['Queue' => '..']],
    ['Queue', 'A', [], null, null, ['Queue' => '']],
    ['Priority', 'A', [], null, null, ['Priority' => 10]],
    ['Priority', 'A', [], null, null, ['Priority' => '5']],
    ['QueuedById', 'A', [], null, null, ['QueuedById' => 'bob']],
    ['QueuedById', 'A', [], null, null, ['QueuedById' => -1001]],
    ['UniqueMode', 'A', [], null, null, $key + ['UniqueMode' => 'sometimes']],
    ['needs a UniqueKey', 'A', [], null, null, ['UniqueMode' => 'replace']],
    ['UniqueSeconds', 'A', [], null, null, $key + ['UniqueMode' => 'window']],
    ['UniqueSeconds', 'A', [], null, null, $key + ['UniqueSeconds' => 5]],
    ['UniqueSeconds', 'A', [], null, null, $key + ['UniqueMode' => 'window', 'UniqueSeconds' => '5']],
    ['UniqueSeconds', 'A', [], null, null, $key + ['UniqueMode' => 'window', 'UniqueSeconds' => 31622401]],
    ['NotifyOn', 'A', [], null, null, ['NotifyOn' => 'always']],
    ['need NotifyOn', 'A', [], null, null, ['NotifyTo' => 'a@b.c']],
    ['need NotifyOn', 'A', [], null, null, ['NotifyOn' => 'never', 'NotifyLanguage' => 'de']],
    ['QueuedById', 'A', [], null, null, ['NotifyOn' => 'both']],
    ['NotifyTo', 'A', [], null, null, ['NotifyOn' => 'both', 'NotifyTo' => "a@b.c\r\nBcc: d@e.f"]],
    ['NotifyTo', 'A', [], null, null, ['NotifyOn' => 'both', 'NotifyTo' => 'https://user:word@cms.example/']],
    ['NotifyTo', 'A', [], null, null, ['NotifyOn' => 'both', 'NotifyTo' => 'https://cms.example/' . str_repeat('x', 500)]],
    ['NotifyTo', 'A', [], null, null, ['NotifyOn' => 'both', 'NotifyTo' => ['a@b.c']]],
    ['NotifyLanguage', 'A', [], null, null, ['NotifyOn' => 'both', 'NotifyTo' => 'a@b.c', 'NotifyLanguage' => 'd e']],
] as $case) {
    $part = array_shift($case);
    refused(static function () use ($queue, $case): void {
        $queue->addTask(...$case);
    }, $part);
}
echo "ok\n";
