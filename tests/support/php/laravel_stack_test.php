<?php
// Jobs of a Laravel site on a real stack: php laravel_stack_test.php AUTOLOAD, with the variables of serve.env.

require $argv[1];
require __DIR__ . '/checks.php';
require __DIR__ . '/bridges/laravel_site.php';
require __DIR__ . '/bridges/watched_queue.php';

use App\Jobs\Ending;
use App\Jobs\ImportOrders;
use App\Jobs\PlainJob;
use Illuminate\Contracts\Bus\Dispatcher;

$queue = new WatchedQueue();
connect()->exec('CREATE TABLE IF NOT EXISTS failed_jobs (id BIGINT AUTO_INCREMENT PRIMARY KEY, uuid VARCHAR(255), connection TEXT, queue TEXT,'
    . ' payload LONGTEXT, exception LONGTEXT, failed_at TIMESTAMP)');
register_shutdown_function(static function (): void {
    connect()->exec('DROP TABLE failed_jobs');
});
$site = App\LaravelSite::boot();
$dispatcher = $site[Dispatcher::class];
$jobs = $site['queue']->connection();

// All are sent first, so that their waits pass together.
$before = time();
$delayed = $jobs->later(2, new ImportOrders('later.csv'));
$sent = [];
foreach (['well', 'exception', 'releases', 'released once', 'fails', 'deletes', 'crashes', 'hangs', 'give up', 'snoozes once'] as $how) {
    $job = new Ending($how);
    $sent[$how] = [$dispatcher->dispatch($job), $job->diary];
}
$final = new Ending('hangs');
$final->failOnTimeout = true;
$sent['hangs for good'] = [$dispatcher->dispatch($final), $final->diary];
$ended = static function (string $how, string $status, string $diary) use ($queue, $sent): array {
    $task = $queue->ended($sent[$how][0], $status);
    $noted = (string)@file_get_contents($sent[$how][1]);
    check($noted === $diary, "the diary of '$how': $noted");
    @unlink($sent[$how][1]);
    return $task;
};
$failedJob = static function (int $id) use ($queue): ?array {
    $uuid = json_decode($queue->task($id)['TaskData'], true)['Payload']['uuid'];
    $rows = connect()->query("SELECT * FROM failed_jobs WHERE uuid = '$uuid'")->fetchAll(PDO::FETCH_ASSOC);
    check(count($rows) <= 1, 'it is written down once');
    return $rows[0] ?? null;
};

// A job runs in a worker, and pages show it under its class with its data.
$id = $dispatcher->dispatch(new ImportOrders('a.csv'));
$task = $queue->ended($id, 'success');
check($task['TaskHandlerClass'] === ImportOrders::class && $task['Run']['Results'] === '{"file":"a.csv","attempt":1,"visits":1}', json_encode($task));
check($task['Run']['ProgressNote'] === 'half of it' && $task['Run']['ErrorOutput'] === '' && $queue->output((int)$task['Run']['Id'], 'stdout') === "imports a.csv\n", 'progress and output');
$page = $queue->page("/tasks/$id");
check(strpos($page, ImportOrders::class) !== false && strpos($page, '>file</span> <span class="text">a.csv<') !== false, "the page of the task shows class and data: $page");
check(strpos($page, 'hunter2') === false, 'and no password, also not in the serialized job');
check(strpos($queue->page('/tasks'), Ending::class) !== false, 'the grid shows the class of others as their title');
check($queue->ended($delayed, 'success')['Run']['StartedOn'] >= $before + 2, 'the delay');
$plain = $queue->ended($jobs->push(PlainJob::class, ['name' => 'Zürich']), 'success');
check($queue->output((int)$plain['Run']['Id'], 'stdout') === "plain Zürich\n", 'a class with a method');

// How jobs end.
$ended('well', 'success', "attempt 1\n");
$ended('deletes', 'success', "attempt 1\n");
$ended('released once', 'success', "attempt 1\nattempt 2\n");
$ended('snoozes once', 'success', "attempt 1\nattempt 1\n");
$task = $ended('exception', 'error', "attempt 1\nattempt 2\nfailed: DomainException\n");
check($task['Run']['ErrorCode'] === 'DomainException' && strpos($task['Run']['ErrorMessage'], 'it ends by exception in ') === 0, json_encode($task['Run']));
check($task['Run']['Attempt'] === 2, 'as often as tries says');
$row = $failedJob((int)$task['Id']);
check($row['connection'] === 'taskqueue' && $row['queue'] === 'default' && strpos($row['exception'], 'it ends by exception') !== false, 'failed_jobs has it');
$task = $ended('fails', 'error', "attempt 1\nfailed: DomainException\n");
check($task['Run']['Attempt'] === 1 && $failedJob((int)$task['Id']) !== null, 'fail() ends it');
$task = $ended('give up', 'error', "attempt 1\nfailed: TaskQueue\GiveUp\n");
check($task['Run']['ErrorCode'] === 'hopeless' && $failedJob((int)$task['Id']) !== null, 'GiveUp of the queue');
$task = $ended('hangs', 'error', "attempt 1\nattempt 2\nfailed: TaskQueue\Laravel\JobTimedOut\n");
check(strpos($task['Run']['ErrorMessage'], 'Ending has run longer than its timeout of 1 s.') !== false, json_encode($task['Run']));
$ended('hangs for good', 'error', "attempt 1\nfailed: TaskQueue\Laravel\JobTimedOut\n");
foreach (['crashes', 'releases'] as $how) {
    $task = $ended($how, 'error', "attempt 1\nattempt 2\nfailed: Illuminate\Queue\MaxAttemptsExceededException\n");
    check($task['Run']['Attempt'] === 3 && $failedJob((int)$task['Id']) !== null, "$how: one more run tells the job: " . json_encode($task['Run']));
}

// queue:retry adds the job anew, and Retry of the page gives it all its tries again.
$row = $failedJob($sent['fails'][0]);
$again = $site['queue']->connection($row['connection'])->pushRaw($row['payload'], $row['queue']);
check($queue->ended((int)$again, 'error')['Run']['ErrorCode'] === 'DomainException', 'queue:retry');
check(json_decode($queue->task((int)$again)['TaskData'], true)['Data']['how'] === 'fails', 'readable as before');
unlink($sent['fails'][1]);

// Transactions: a job is there when they commit.
$database = $site['db']->connection();
$size = $jobs->size('of a transaction');
$inTransaction = null;
try {
    $database->transaction(static function () use ($jobs, &$inTransaction): void {
        $inTransaction = $jobs->push(new ImportOrders('b.csv'), '', 'of-a-transaction');
        throw new DomainException('rolled back');
    });
} catch (DomainException $expected) {
}
check($inTransaction > 0 && $jobs->size('of-a-transaction') === 0, 'rolled back');
$seen = null;
$database->transaction(static function () use ($dispatcher, $jobs, &$seen): void {
    $dispatcher->dispatch((new ImportOrders('c.csv'))->onQueue('of-a-transaction')->afterCommit());
    $seen = $jobs->size('of-a-transaction');
});
check($seen === 0 && $jobs->size('of-a-transaction') === 1, 'afterCommit');
connect()->exec('DELETE FROM ' . getenv('TABLE_PREFIX') . "TaskQueue WHERE Queue = 'of-a-transaction'");

// The HTTP API.
$site['config']['queue.connections.http'] = ['driver' => 'taskqueue', 'url' => getenv('BASE_URL'), 'token' => getenv('API_TOKEN'), 'jobs' => [ImportOrders::class]];
$queue->ended($site['queue']->connection('http')->push(new ImportOrders('http.csv')), 'success');
echo "ok\n";
