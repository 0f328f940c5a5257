<?php
// The Laravel connection without a queue: php laravel_test.php. Prints "ok" and exits with 0, or names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';
require __DIR__ . '/bridges/laravel_site.php';

use App\Jobs\Ending;
use App\Jobs\ImportOrders;
use App\Jobs\PlainJob;
use Illuminate\Contracts\Bus\Dispatcher;
use Illuminate\Queue\Events\JobQueued;
use Illuminate\Queue\InvalidPayloadException;
use TaskQueue\EnqueueError;
use TaskQueue\FakeQueue;
use TaskQueue\GiveUp;
use TaskQueue\Laravel\Bootstrap;
use TaskQueue\Laravel\ConnectionSettings;
use TaskQueue\Laravel\JobData;
use TaskQueue\Laravel\JobQueue;
use TaskQueue\SignedData;
use TaskQueue\SiteClient;
use TaskQueue\TaskQueue;

function fails(callable $action, string $class, string $part): void
{
    try {
        $action();
    } catch (Throwable $thrown) {
        check($thrown instanceof $class, get_class($thrown) . " is a $class: {$thrown->getMessage()}");
        check(strpos($thrown->getMessage(), $part) !== false, "'{$thrown->getMessage()}' speaks of $part");
        return;
    }
    check(false, "fails for $part");
}

$fake = TaskQueue::fake();
$site = App\LaravelSite::boot();
$site['queue']->extend('taskqueue', static function () use ($fake) {
    return new class($fake) {
        /** @var FakeQueue */
        private $fake;

        public function __construct(FakeQueue $fake)
        {
            $this->fake = $fake;
        }

        public function connect(array $config): JobQueue
        {
            return new JobQueue(new ConnectionSettings($config), new JobData(new SignedData('Laravel', 'key')), new SiteClient(function (): TaskQueue {
                return $this->fake;
            }));
        }
    };
});
$queue = $site['queue']->connection();
$taskOf = static function (int $id) use ($fake): array {
    $task = $fake->find($id);
    return ['class' => $task->taskHandlerClass, 'data' => $task->taskData, 'on' => $task->scheduledOn, 'tries' => $task->maxRetries,
        'Queue' => $task->queue, 'Priority' => $task->priority, 'Title' => $task->title];
};
$told = [];
$site['events']->listen(JobQueued::class, static function (JobQueued $event) use (&$told): void {
    $told[] = $event->id;
});

// Laravel's dispatcher of jobs.
$id = $site[Dispatcher::class]->dispatch((new ImportOrders('a.csv'))->delay(90)->onQueue('imports'));
$task = $taskOf($id);
check($told === [$id], 'the event JobQueued has the Id');
check($task['class'] === ImportOrders::class && $task['Queue'] === 'imports' && $task['Priority'] === 2 && $task['Title'] === '', json_encode($task));
check(abs($task['on'] - time() - 90) <= 1 && $task['tries'] === 2, 'the delay, and one run more than tries');
check($task['data']['Job'] === ImportOrders::class, 'its name');
check($task['data']['Data'] === ['file' => 'a.csv', 'from' => '2026-07-01T12:00:00+00:00', 'password' => 'hunter2'], 'readable: ' . json_encode($task['data']['Data']));
check(strpos(json_encode($task['data']['Payload']), 'hunter2') === false, 'the rest of the payload has no secret');
$payload = json_decode($queue->getData()->decode($task['data']), true);
check(unserialize($payload['data']['command']) == (new ImportOrders('a.csv'))->delay(90)->onQueue('imports'), 'the job comes back');

$task = $taskOf($site[Dispatcher::class]->dispatch(new Ending('well')));
check($task['class'] === 'LaravelJob' && $task['Title'] === Ending::class && $task['Queue'] === 'default' && $task['tries'] === 3 && $task['on'] <= time(), json_encode($task));
$endless = new Ending('well');
$endless->tries = 0;
check($taskOf($queue->push($endless))['tries'] === 1000, 'no limit of tries');
$until = new Ending('well');
$until->retryUntil = time() + 60;
check($taskOf($queue->push($until))['tries'] === 1000, 'retryUntil');
check($taskOf($queue->later(new DateInterval('PT1H'), new Ending('well')))['on'] > time() + 3590, 'a delay as an interval');
$task = $taskOf($queue->push(PlainJob::class, ['name' => 'Zürich'], 'other'));
check($task['Title'] === PlainJob::class && $task['data']['Payload']['data'] === ['name' => 'Zürich'] && $task['Queue'] === 'other', json_encode($task));
$told = [];
$late = new Ending('well');
$late->delay = 60;
$queue->bulk([new Ending('well'), new ImportOrders('b.csv'), $late]);
check(count($told) === 3 && $taskOf($told[1])['class'] === ImportOrders::class && $taskOf($told[2])['on'] > time() + 50, 'bulk: ' . json_encode($told));
$again = $taskOf($queue->pushRaw($queue->getData()->decode($taskOf($id)['data']), 'imports'));
check($again['data'] === $taskOf($id)['data'], 'what queue:retry does keeps all');
fails(static function () use ($queue): void {
    $queue->pushRaw('[]');
}, InvalidPayloadException::class, 'names a job');
fails(static function () use ($queue): void {
    $queue->push(new Ending('well'), '', 'no queue');
}, EnqueueError::class, 'The Queue is wrong');
fails(static function () use ($queue): void {
    $queue->pop();
}, LogicException::class, 'Task-runners handle the jobs');
fails(static function () use ($queue): void {
    $queue->size();
}, LogicException::class, 'HTTP API');

// Only what the site has signed becomes a job.
$data = $taskOf($id)['data'];
foreach ([['Serialized' => 'O:8:"stdClass":0:{}'] + $data, array_diff_key($data, ['Signature' => 1])] as $changed) {
    fails(static function () use ($queue, $changed): void {
        $queue->getData()->decode($changed);
    }, GiveUp::class, 'not signed by this site');
}

// Settings: those of the README, and wrong ones.
function env(string $name, string $default): string
{
    return $default;
}
preg_match('/^   ```php\n(   return.*?)^   ```/ms', file_get_contents(dirname(__DIR__, 3) . '/module/php/laravel/README.md'), $block);
$config = eval($block[1]);
$settings = new ConnectionSettings($config['connections'][$config['default']]);
check($settings->jobs === [ImportOrders::class] && $settings->tries === 3 && $settings->afterCommit === true, 'the example of the README');
foreach ([
    ['no setting colour', ['colour' => 1]],
    ['no such class', ['jobs' => ['App\Jobs\Missing']]],
    ['needs the token', ['url' => 'https://host/taskqueue']],
    ['tries', ['tries' => 'many']],
    ['timeout', ['timeout' => -1]],
] as [$part, $config]) {
    fails(static function () use ($config): void {
        new ConnectionSettings($config + ['driver' => 'taskqueue']);
    }, InvalidArgumentException::class, $part);
}
$site['config']['queue.connections.other'] = ['driver' => 'null'];
fails(static function () use ($site): void {
    Bootstrap::handlers($site, 'other');
}, InvalidArgumentException::class, 'does not have the driver taskqueue');

// A worker keeps its application for many runs, and gives each its own scoped instances.
$signed = new JobData(new SignedData('Laravel', 'a key of the site'));
foreach ([['--fork'], []] as $options) {
    $worker = new HostedWorker(__DIR__ . '/bridges/bootstrap.php', $options);
    for ($run = 1; $run <= 3; ++$run) {
        $said = $worker->endOf(ImportOrders::class, $signed->encode(json_decode($queue->getData()->decode($taskOf($id)['data']), true)));
        check($said['type'] === 'result' && $said['Results']['visits'] === 1 && !isset($said['last']), "run $run: " . json_encode($said) . $worker->output('stderr'));
    }
}
$said = $worker->endOf(ImportOrders::class, $taskOf($id)['data']);
check($said['type'] === 'give_up' && $said['ErrorCode'] === 'signature', 'a foreign signature: ' . json_encode($said));
check(array_keys(Bootstrap::handlers($site)) === ['LaravelJob', ImportOrders::class], 'the handlers of the worker');
echo "ok\n";
