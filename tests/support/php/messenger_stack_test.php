<?php
// Messages of a Symfony site on a real stack: php messenger_stack_test.php AUTOLOAD, with the variables of serve.env.

require $argv[1];
require __DIR__ . '/checks.php';
require __DIR__ . '/bridges/symfony_site.php';
require __DIR__ . '/bridges/watched_queue.php';

use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Stamp\DelayStamp;
use Symfony\Component\Messenger\Stamp\TransportMessageIdStamp;
use Symfony\Component\Messenger\Transport\Serialization\PhpSerializer;
use TaskQueue\Messenger\TaskStamp;
use TaskQueue\Messenger\TransportFactory;

$queue = new WatchedQueue();
$site = new Shop\SymfonySite('prod', false);
$site->boot();
$bus = $site->getContainer()->get('public_bus');
$dispatch = static function (object $message, array $stamps = []) use ($bus): int {
    return $bus->dispatch($message, $stamps)->last(TransportMessageIdStamp::class)->getId();
};

// All are sent first, so that their waits pass together.
$before = time();
$delayed = $dispatch(new Shop\ImportCsv('b.csv', 1), [new DelayStamp(1500)]);
$endings = [];
foreach (['exception', 'unrecoverable', 'recoverable', 'retry after', 'snooze once', 'dispatches'] as $how) {
    $endings[$how] = $dispatch(new Shop\Ending($how));
}
$twice = $dispatch(new Shop\Twice(''));
$strategic = $dispatch(new Shop\Strategic('a strategy'));

// A message runs in a worker, and pages show it under its class with its data.
$message = new Shop\ImportCsv('a.csv', 3, new DateTimeImmutable('2026-07-01 12:00', new DateTimeZone('Europe/Berlin')), ['deep' => ['x' => 1.5], 'numbers' => [0.1 + 0.2, 1 / 3, 1e300, 1e20, 5e-324, -0.0, 1.0, 123456789.12345679, PHP_INT_MAX, PHP_INT_MIN]]);
$id = $dispatch($message, [TaskStamp::title('Zürich')]);
$task = $queue->ended($id, 'success');
check($task['TaskHandlerClass'] === Shop\ImportCsv::class && $task['Priority'] === 2 && $task['Title'] === 'Zürich', json_encode($task));
check(json_decode($task['Run']['Results'], true) === $message->describe(), "Results: {$task['Run']['Results']}");
check($task['Run']['ErrorOutput'] === '' && $queue->output((int)$task['Run']['Id'], 'stdout') === "imports a.csv\n", 'the output of the handler is that of the run');
$page = $queue->page("/tasks/$id");
check(strpos($page, Shop\ImportCsv::class) !== false && strpos($page, '>rows</span> <span class="literal">3<') !== false, "the page of the task shows class and data: $page");
check(strpos($page, 'hunter2') === false, 'and no password');
check(strpos($queue->page('/tasks'), Shop\ImportCsv::class) !== false, 'so does the grid');

// DelayStamp.
$delayed = $queue->ended($delayed, 'success');
check($delayed['ScheduledOn'] >= $before + 2 && $delayed['Run']['StartedOn'] >= $before + 2, 'the delay rounds up to 2 s');

// Exceptions of Messenger and of the queue.
$fails = $queue->ended($endings['exception'], 'error');
check($fails['TaskHandlerClass'] === 'FewTries' && $fails['Title'] === Shop\Ending::class && $fails['Run']['Attempt'] === 2, 'retried up to max_retries: ' . json_encode($fails));
check($fails['Run']['ErrorCode'] === 'DomainException' && strpos($fails['Run']['ErrorMessage'], 'it ends by exception in ') === 0, 'the own exception is named');
$unrecoverable = $queue->ended($endings['unrecoverable'], 'error');
check($unrecoverable['Run']['Attempt'] === 1 && strpos($unrecoverable['Run']['ErrorMessage'], 'no such order in ') === 0, 'unrecoverable: ' . json_encode($unrecoverable));
check($queue->ended($endings['recoverable'], 'error')['Run']['Attempt'] === 2, 'recoverable');
check($queue->ended($endings['retry after'], 'error')['Run']['ErrorCode'] === 'busy', 'RetryAfter');
$snoozed = $queue->ended($endings['snooze once'], 'success');
check($snoozed['Run']['Attempt'] === 1 && $snoozed['Run']['Results'] === '"awake"', 'Snooze: ' . json_encode($snoozed));

// A handler dispatches a message of its own.
check($queue->ended($endings['dispatches'], 'success')['Run']['Results'] === '"dispatched"', 'it dispatches');
$queue->ended($queue->newest('of a message.csv'), 'success');

// Of two handlers one fails: a further task calls only that one.
$twice = $queue->ended($twice, 'error');
check($twice['Run']['ErrorCode'] === 'partly_handled' && preg_match('/task (\d+) does the rest/', $twice['Run']['ErrorMessage'], $match) === 1, json_encode($twice['Run']));
$rest = $queue->ended((int)$match[1], 'error');
check($rest['MaxRetries'] === 1 && strpos($rest['TaskData'], 'HandledStamp') !== false && $rest['Run']['ErrorCode'] === 'DomainException', 'the rest: ' . json_encode($rest));

// retry=messenger: its strategy decides, and what it gives up goes to the failure transport.
$strategic = $queue->ended($strategic, 'error');
check($strategic['Run']['Attempt'] === 2 && $strategic['TaskRunsFailed'] === 2, 'one retry by its strategy: ' . json_encode($strategic['Run']));
$failed = $queue->newest('a strategy');
check($failed !== (int)$strategic['Id'] && $queue->task($failed)['TaskHandlerClass'] === 'Failed', 'the failure transport has it');

// The HTTP API.
$dsn = str_replace('://', '://' . rawurlencode(getenv('API_TOKEN')) . '@', 'taskqueue+' . getenv('BASE_URL')) . '?max_retries=1&handler=FewTries';
$http = (new TransportFactory([], 'a secret of the site'))->createTransport($dsn, [], new PhpSerializer());
$id = $http->send(new Envelope(new Shop\Ending('unrecoverable')))->last(TransportMessageIdStamp::class)->getId();
check(strpos($queue->ended($id, 'error')['Run']['ErrorMessage'], 'no such order in ') === 0, 'over HTTP');
$id = (new TransportFactory([], 'a secret of the site'))->createTransport($dsn, ['handler' => Shop\ImportCsv::class], new PhpSerializer())
    ->send(new Envelope($message))->last(TransportMessageIdStamp::class)->getId();
check(json_decode($queue->ended($id, 'success')['Run']['Results'], true) === $message->describe(), 'all numbers over HTTP');
// Data that are signed elsewhere are no message.
$foreign = (new TransportFactory([], 'another secret'))->createTransport($dsn, [], new PhpSerializer());
$id = $foreign->send(new Envelope(new Shop\Ending('unrecoverable')))->last(TransportMessageIdStamp::class)->getId();
check($queue->ended($id, 'error')['Run']['ErrorCode'] === 'signature', 'a foreign signature');
echo "ok\n";
