<?php
// Rules of the client over a site's own connection that need no runner: php client_rules_test.php. It needs DB_SOCKET,
// DB_USER, DB_NAME and TABLE_PREFIX in the environment, a user who may set global variables, and an empty schema. Prints
// "ok" and exits with 0, or names the first failure.

use TaskQueue\CancelOutcome;
use TaskQueue\EnqueueError;
use TaskQueue\RetryOutcome;
use TaskQueue\Task;
use TaskQueue\TaskQueue;
use TaskQueue\Transport;
use TaskQueue\Unique;
use TaskQueue\UseError;

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';

$prefix = getenv('TABLE_PREFIX');
$other = connect();
$other->exec("INSERT INTO {$prefix}TaskRunners (Id, Status, FinishedOn) VALUES (1, 'success', 5)");
$other->exec("INSERT INTO {$prefix}TaskHandlers (TaskRunnerId, TaskHandlerClass) VALUES (1, 'Plain')");
$declare = static function (string $schema) use ($other, $prefix): void {
    $other->prepare("REPLACE INTO {$prefix}TaskHandlers (TaskRunnerId, TaskHandlerClass, DataSchema) VALUES (1, 'Strict', ?)")
        ->execute([$schema]);
};
$row = static function (int $id) use ($other, $prefix): ?array {
    return $other->query("SELECT * FROM {$prefix}TaskQueue WHERE Id = $id")->fetch(PDO::FETCH_ASSOC) ?: null;
};
$count = static function () use ($other, $prefix): int {
    return (int)$other->query("SELECT COUNT(*) FROM {$prefix}TaskQueue")->fetchColumn();
};
$mysqli = static function (): mysqli {
    $connection = new mysqli('localhost', getenv('DB_USER'), getenv('DB_PASSWORD') ?: '', getenv('DB_NAME'), 0, getenv('DB_SOCKET'));
    $connection->set_charset('utf8mb4');
    return $connection;
};
$openers = [
    'PDO' => static function (): PDO {
        return connect();
    },
    'PDO, native' => static function (): PDO {
        return connect([PDO::ATTR_EMULATE_PREPARES => false]);
    },
    'PDO, silent' => static function (): PDO {
        return connect([PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT]);
    },
    'mysqli' => $mysqli,
];
$status = static function ($connection, string $variable): int {
    $answer = $connection->query("SHOW SESSION STATUS LIKE '$variable'");
    return (int)($connection instanceof PDO ? $answer->fetchAll(PDO::FETCH_NUM)[0][1] : $answer->fetch_row()[1]);
};
$begin = static function ($connection): void {
    $connection instanceof PDO ? $connection->beginTransaction() : $connection->begin_transaction();
};

$other->exec("INSERT INTO {$prefix}TaskHandlers (TaskRunnerId, TaskHandlerClass, UniqueSeconds) VALUES (1, 'Windowed', 3600)");

foreach ($openers as $name => $open) {
    $connection = $open();
    $queue = TaskQueue::overDatabase($connection, $prefix);

    // A handler's window holds for tasks with a key that name no mode.
    $until = static function (int $id) use ($row): int {
        return (int)$row($id)['UniqueUntil'] - time();
    };
    check($until($queue->addTask(Task::of('Windowed')->unique("alone $name"))) > 3500, "$name: the window of the handler");
    $ids = $queue->addTasks([Task::of('Windowed')->unique("many $name"), Task::of('Windowed'), Task::of('Windowed')->unique("keep $name", Unique::Keep)]);
    check($until($ids[0]) > 3500 && $row($ids[1])['UniqueUntil'] === null && $until($ids[2]) < 60, "$name: of many tasks");

    // Many tasks: all or none, and the rules of unique keys.
    $key = static function (string $part) use ($name): string {
        return "$part of $name";
    };
    $held = $queue->addTask(Task::of('Plain', ['n' => 0])->unique($key('held')));
    $over = $queue->addTask(Task::of('Plain')->unique($key('over'), Unique::Window, 60));
    $other->exec("UPDATE {$prefix}TaskQueue SET LastStatus = 'success', NextRunOn = NULL, UniqueUntil = 5 WHERE Id = $over");
    $ids = $queue->addTasks([
        Task::of('Plain', ['n' => 1])->title("it's \\ \"Ω\""),
        Task::of('Plain', ['n' => 2])->unique($key('held')),
        Task::of('Plain', ['n' => 3])->unique($key('over'), Unique::Window, 60),
        Task::of('Plain', ['n' => 4])->unique($key('new')),
        Task::of('Plain', ['n' => 5])->unique($key('new')),
        Task::of('Plain', ["q'\\" => "\u{2028}\n"])->in(60)->priority(1)->onQueue('q')->tries(3)->queuedBy(-1),
    ]);
    check($ids[1] === $held && $row($held)['TaskData'] === '{"n":0}', "$name: the live task stands for the new one");
    check($ids[2] !== $over && $row($over)['ActiveKey'] === null && $row($ids[2])['UniqueUntil'] > time(), "$name: a window that is over");
    check($ids[3] === $ids[4] && $row($ids[3])['TaskData'] === '{"n":4}', "$name: the same key twice");
    check($row($ids[0])['Title'] === "it's \\ \"Ω\"" && $row($ids[0])['Queue'] === 'default', "$name: texts");
    $last = $row($ids[5]);
    check(json_decode($last['TaskData'], true) === ["q'\\" => "\u{2028}\n"], "$name: TaskData");
    check([$last['Queue'], $last['Priority'], $last['MaxRetries'], $last['QueuedById']] == ['q', 1, 3, -1], "$name: options");
    check($last['ScheduledOn'] > time() && $last['Title'] === '' && $last['NotifyOn'] === 'never', "$name: times and defaults");
    [$replacing] = $queue->addTasks([Task::of('Plain')->unique($key('new'), Unique::Replace), Task::of('Plain')]);
    check($row($ids[3])['LastStatus'] === 'cancelled' && $row($replacing)['ActiveKey'] === $key('new'), "$name: one replaces");
    $before = $count();
    foreach ([
        'is to replace which' => [Task::of('Plain')->unique('twice'), Task::of('Plain')->unique('twice', Unique::Replace)],
        'Unknown' => [Task::of('Plain'), Task::of('Unknown')],
        'Priority' => [Task::of('Plain'), ['Plain', [], null, null, ['Priority' => 10]]],
        (string)Transport::MOST_TASKS => array_fill(0, Transport::MOST_TASKS + 1, Task::of('Plain')),
    ] as $part => $tasks) {
        refused(static function () use ($queue, $tasks): void {
            $queue->addTasks($tasks);
        }, (string)$part);
    }
    check($count() === $before && $queue->addTasks([]) === [], "$name: nothing was added");
    $begin($connection);
    $ids = $queue->addTasks(array_fill(0, Transport::MOST_TASKS, ['Plain', ['n' => 1]]));
    check(count(array_unique($ids)) === Transport::MOST_TASKS && $count() === $before, "$name: a thousand in the site's transaction");
    $connection->rollback();

    // TaskData that the handler's schema does not take. A kept declaration accepts, but only a fresh one refuses.
    $declare('{"properties":{"n":{"type":"integer"}},"required":["n"]}');
    try {
        $queue->addTask('Strict', ['n' => 'one']);
        check(false, "$name: TaskData is checked");
    } catch (EnqueueError $error) {
        check($error->getMember() === 'TaskData/n' && strpos($error->getMessage(), 'must be of type "integer"') !== false, $error->getMessage());
    }
    try {
        $queue->addTasks([Task::of('Plain'), Task::of('Strict', [])]);
        check(false, "$name: TaskData of many is checked");
    } catch (EnqueueError $error) {
        check($error->getMember() === '1/TaskData', "$name: {$error->getMember()}");
    }
    $queue->addTask('Strict', ['n' => 1]);
    $declare('{"properties":{"n":{"type":"string"}}}');
    check($queue->addTask('Strict', ['n' => 2]) > 0, "$name: the declaration is kept");
    check($queue->addTask('Strict', ['n' => 'two']) > 0, "$name: and read again before it refuses");
    refused(static function () use ($queue): void {
        $queue->addTask('Strict', ['n' => 3]);
    }, 'must be of type "string"');

    // One statement for a task, without a new preparation.
    $begin($connection);
    $queue->addTask('Plain', []);
    $questions = $status($connection, 'Questions');
    $prepared = $status($connection, 'Com_stmt_prepare');
    for ($task = 0; $task < 20; ++$task) {
        $queue->addTask('Plain', ['n' => $task]);
    }
    check($status($connection, 'Com_stmt_prepare') <= $prepared + 2, "$name: statements are kept");  // PDO prepares SHOW, too
    $asked = $status($connection, 'Questions') - $questions;
    check($asked <= 24, "$name: $asked statements for 20 tasks");
    $connection->rollback();

    // In a transaction of the site.
    $begin($connection);
    $id = $queue->addTask('Plain', []);
    check($queue->find($id)->status === 'scheduled' && TaskQueue::overDatabase($other, $prefix)->find($id) === null, "$name: it is seen inside");
    foreach (['wait' => [$id, 1.0]] as $method => $arguments) {
        try {
            $queue->$method(...$arguments);
            check(false, "$name: $method() in a transaction");
        } catch (UseError $error) {
            check(strpos($error->getMessage(), 'Commit first') !== false, $error->getMessage());
        }
    }
    check($queue->cancel($id) === CancelOutcome::CANCELLED && $queue->retry($id) === RetryOutcome::SCHEDULED, "$name: changes inside");
    $connection->rollback();
    check($row($id) === null, "$name: and all of it is undone");
}

// A task that is missing is not locked: other clients enqueue meanwhile.
$other->exec('SET innodb_lock_wait_timeout = 1');
$pdo = connect();
$pdo->exec('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
$site = TaskQueue::overDatabase($pdo, $prefix);
$peer = TaskQueue::overDatabase($other, $prefix);
$waiting = $peer->addTask('Plain', [], time() + 3600);
$ended = $peer->addTask('Plain', [], time() + 3600);
$peer->cancel($ended);
$pdo->beginTransaction();
check($site->cancel(2000000000) === CancelOutcome::NO_SUCH_TASK && $site->cancel($waiting) === CancelOutcome::CANCELLED, 'cancels');
check($site->retry($ended) === RetryOutcome::SCHEDULED, 'retries');
check($peer->addTask('Plain', []) > $waiting, 'another client enqueues meanwhile');
foreach ([$waiting - 1, $ended + 1000] as $task) {
    $other->exec("INSERT INTO {$prefix}TaskRuns (TaskQueueId, OpenTaskQueueId, Attempt, Status) VALUES ($task, $task, 1, 'scheduled')");
}
$pdo->commit();

// Cancelling a task that tells of its end lets a runner see it.
$told = $site->addTask(Task::of('Plain')->in(3600));
$other->exec("UPDATE {$prefix}TaskQueue SET NotifyOn = 'failure' WHERE Id = $told");
check($site->cancel($told) === CancelOutcome::CANCELLED && (int)$row($told)['NextRunOn'] === 0, 'a runner tells of the end');
check($site->find($told)->isOver(), 'which has come all the same');

// A SERIALIZABLE transaction must not lock the rows of runners.
$pdo->exec('SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE');
$pdo->beginTransaction();
check($site->find($ended)->waitReason === null, 'runners are not read for the reason of a wait');
try {
    $site->runnersAlive();
    check(false, 'nor counted');
} catch (UseError $error) {
    check($error->getErrorCode() === 'in_transaction', $error->getMessage());
}
check($other->exec("UPDATE {$prefix}TaskRunners SET MemoryKb = MemoryKb + 1") > 0, 'a runner can write its row');
$pdo->commit();

// mysqli can give the object another session, which does not know the kept statements.
$connection = $mysqli();
$queue = TaskQueue::overDatabase($connection, $prefix);
$queue->addTask('Plain', []);
$connection->change_user(getenv('DB_USER'), getenv('DB_PASSWORD') ?: '', getenv('DB_NAME'));
check($row($queue->addTask('Plain', ['after' => 'change_user']))['TaskData'] === '{"after":"change_user"}', 'change_user()');
$connection->real_connect('localhost', getenv('DB_USER'), getenv('DB_PASSWORD') ?: '', getenv('DB_NAME'), 0, getenv('DB_SOCKET'));
$connection->prepare('SELECT 1');
check($row($queue->addTask('Plain', ['after' => 'real_connect']))['TaskData'] === '{"after":"real_connect"}', 'real_connect()');

// A call that waited meets the key of a task that was added after its own Ids were given: the Ids go on from its own ones.
$blocker = connect();
$blocker->beginTransaction();
TaskQueue::overDatabase($blocker, $prefix)->addTasks([Task::of('Plain')->unique('blocks'), Task::of('Plain')]);
$code = 'use TaskQueue\{Task, TaskQueue}; require $argv[1] . "/checks.php"; require dirname($argv[1], 3) . "/module/php/autoload.php";
    echo json_encode(TaskQueue::overDatabase(connect(), getenv("TABLE_PREFIX"))->addTasks([Task::of("Plain")->unique("blocks"),
        Task::of("Plain")->unique("later"), Task::of("Plain", ["is" => "keyed"])->unique("new"), Task::of("Plain", ["is" => "plain"])]));';
$waiting = proc_open([PHP_BINARY, '-r', $code, '--', __DIR__], [1 => ['pipe', 'w']], $pipes);
// The server refreshes INNODB_TRX only when nothing has read it for 100 ms.
for ($looks = 1; (int)$other->query("SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'")->fetchColumn() === 0; ++$looks) {
    check($looks < 100, 'the call waits for the blocker');
    usleep(200000);
}
$between = TaskQueue::overDatabase($other, $prefix)->addTasks([Task::of('Plain')->unique('later'), Task::of('Plain'), Task::of('Plain')]);
$blocker->rollBack();
$ids = json_decode((string)stream_get_contents($pipes[1]), true);
proc_close($waiting);
check($ids[1] === $between[0] && array_intersect([$ids[0], $ids[2], $ids[3]], $between) === [], 'Ids of others: ' . json_encode([$ids, $between]));
check($row($ids[2])['TaskData'] === '{"is":"keyed"}' && $row($ids[3])['TaskData'] === '{"is":"plain"}', 'the tasks of a call that waited');

// Many tasks are divided so that each statement fits into a packet.
$other->exec('SET GLOBAL max_allowed_packet = 65536');
foreach ($openers as $name => $open) {
    $connection = $open();
    $queue = TaskQueue::overDatabase($connection, $prefix);
    $before = $count();
    $ids = $queue->addTasks(array_merge(
        array_fill(0, 500, ['Plain', ['quotes' => str_repeat('"', 50)]]),
        array_fill(0, 5, ['Plain', ['large' => str_repeat('x', 40000)]])
    ));
    check(count(array_unique($ids)) === 505 && $count() === $before + 505, "$name: many statements");
    check(strlen($row($ids[504])['TaskData']) > 40000 && strlen($row($ids[0])['TaskData']) < 200, "$name: in their order");
}
$other->exec('SET GLOBAL max_allowed_packet = 16777216');
echo "ok\n";
