<?php
// The Messenger transport without a queue: php messenger_test.php. Prints "ok" and exits with 0, or names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require 'Symfony/Component/Messenger/autoload.php';
require 'Symfony/Component/Serializer/autoload.php';
require __DIR__ . '/bridges/messages.php';

use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Exception\ExceptionInterface;
use Symfony\Component\Messenger\Exception\HandlerFailedException;
use Symfony\Component\Messenger\Exception\RecoverableExceptionInterface;
use Symfony\Component\Messenger\Exception\UnrecoverableMessageHandlingException;
use Symfony\Component\Messenger\Stamp\BusNameStamp;
use Symfony\Component\Messenger\Stamp\DelayStamp;
use Symfony\Component\Messenger\Stamp\SentStamp;
use Symfony\Component\Messenger\Stamp\TransportMessageIdStamp;
use Symfony\Component\Messenger\Transport\Serialization\PhpSerializer;
use Symfony\Component\Messenger\Transport\Serialization\Serializer;
use TaskQueue\GiveUp;
use TaskQueue\Messenger\Failure;
use TaskQueue\Messenger\MessageData;
use TaskQueue\Messenger\ObjectData;
use TaskQueue\Messenger\ReadableSerializer;
use TaskQueue\Messenger\TaskStamp;
use TaskQueue\Messenger\Transport;
use TaskQueue\Messenger\TransportFactory;
use TaskQueue\Messenger\TransportSettings;
use TaskQueue\RetryAfter;
use TaskQueue\SignedData;
use TaskQueue\SiteClient;
use TaskQueue\Snooze;
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

// All that a property can hold comes back as it was.
final class Everything
{
    private $value;
    public ?Everything $unset;

    public function __construct($value)
    {
        $this->value = $value;
    }
}
final class WithState
{
    public $secret = 1;

    public function __serialize(): array
    {
        return ['kept' => $this->secret, "\xFF" => new DateTimeZone('Europe/Berlin')];
    }

    public function __unserialize(array $data): void
    {
        $this->secret = $data;
    }
}
if (PHP_VERSION_ID >= 80100) {
    eval('enum Suit: string { case Hearts = "h"; } final class Fixed { public function __construct(public readonly int $number, private readonly Suit $suit) {} }');
}
$values = [1, -1, PHP_INT_MAX, 1.0, 0.1, '', "Zürich €", "a\0b", "\xFF\xFE", true, null, [], [1, [2]], ['a' => 1], [5 => 'x', 3 => 'y'], ['@class' => 'no'],
    ["\xFF" => 1, '' => 2], new DateTimeImmutable('2026-07-01 12:00:00.123456', new DateTimeZone('Europe/Berlin')), new DateTime('2026-01-01 +05:30'),
    new DateInterval('P1DT2H'), new DateTimeZone('UTC'), new ArrayObject(['a' => 1]), (object)['a' => (object)[]], new Everything(new Everything(7)),
    new Shop\ImportCsv('a.csv', 7, new DateTimeImmutable('2026-01-01'), ['x' => 1.0])];
foreach ($values as $value) {
    $json = json_encode(ObjectData::of($value, 'it'), JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION);
    $back = ObjectData::valueOf(json_decode($json, true));
    check(serialize($back) === serialize($value), 'comes back: ' . var_export($value, true) . " through $json as " . var_export($back, true));
}
$state = ObjectData::valueOf(json_decode(json_encode(ObjectData::of(new WithState(), 'it')), true));
check($state->secret['kept'] === 1 && $state->secret["\xFF"]->getName() === 'Europe/Berlin', 'what __serialize() says');
if (PHP_VERSION_ID >= 80100) {
    $fixed = new Fixed(7, Suit::Hearts);
    check(ObjectData::valueOf(json_decode(json_encode(ObjectData::of($fixed, 'it')), true)) == $fixed, 'readonly properties and enums');
}
$loop = new Everything(1);
$loop->unset = $loop;
foreach ([['a resource', [STDOUT]], ['no finite number', NAN], ['contains itself', $loop], ["Serialization of 'Closure'", new Everything(static function (): void {})]] as [$part, $value]) {
    fails(static function () use ($value): void {
        ObjectData::of($value, 'it');
    }, UnexpectedValueException::class, $part);
}

// A message becomes a task.
$fake = TaskQueue::fake();
$signing = new SignedData('Messenger', ['the secret', 'the former secret']);
$transportOf = static function (string $dsn, array $options = [], $serializer = null) use ($fake, $signing): Transport {
    $settings = new TransportSettings($dsn, $options + ['transport_name' => 'async']);
    return new Transport($settings, new MessageData($serializer ?? new ReadableSerializer(), $signing), new SiteClient(static function () use ($fake): TaskQueue {
        return $fake;
    }));
};
$transport = $transportOf('taskqueue://default?queue=imports&priority=2&max_retries=7', ['messages' => [Shop\ImportCsv::class]]);
$message = new Shop\ImportCsv('a.csv', 3, new DateTimeImmutable('2026-07-01 12:00', new DateTimeZone('Europe/Berlin')), ['deep' => ['x' => 1.0]]);
$sent = $transport->send(new Envelope($message, [new BusNameStamp('command.bus'), new SentStamp('x'), new TransportMessageIdStamp(77), new DelayStamp(90000)]));
$id = $sent->last(TransportMessageIdStamp::class)->getId();
$task = $fake->find($id);
$data = $task->taskData;
check($task->taskHandlerClass === Shop\ImportCsv::class && $task->maxRetries === 7 && $task->queue === 'imports' && $task->priority === 2 && $task->title === '', 'class and options');
check(abs($task->scheduledOn - time() - 90) <= 1, 'the delay is heeded');
check($data['Message'] === Shop\ImportCsv::class && $data['Data']['Shop\Named::name'] === 'a.csv' && $data['Data']['rows'] === 3, 'readable: ' . json_encode($data));
check(strpos(json_encode($data), 'SentStamp') === false && strpos(json_encode($data), 'TransportMessageIdStamp') === false, 'stamps that are not sent');
$received = $transport->getData()->decode($data);
check($received->getMessage() == $message, 'the message comes back');
check($received->last(BusNameStamp::class)->getBusName() === 'command.bus' && $received->last(DelayStamp::class)->getDelay() === 90000, 'so do its stamps');

$sent = $transport->send(new Envelope(new Shop\Ending('well'), [TaskStamp::queue('other'), TaskStamp::priority(9), TaskStamp::unique('k', 'window', 60)]));
$task = $fake->find($sent->last(TransportMessageIdStamp::class)->getId());
check($task->taskHandlerClass === 'Messenger' && $task->title === Shop\Ending::class, 'a class that is not listed');
check($task->queue === 'other' && $task->priority === 9 && $task->uniqueKey === 'k', 'stamps win');
$again = $transport->send(new Envelope(new Shop\Ending('well'), [TaskStamp::unique('k'), TaskStamp::title('Mine')]));
check($again->last(TransportMessageIdStamp::class)->getId() === $sent->last(TransportMessageIdStamp::class)->getId(), 'the unique key holds');
fails(static function () use ($transport): void {
    $transport->send(new Envelope(new Shop\Ending('well'), [TaskStamp::priority(10)]));
}, ExceptionInterface::class, 'Priority');
fails(static function () use ($transport): void {
    $transport->send(new Envelope(new Everything(STDIN)));
}, ExceptionInterface::class, 'Everything::$value cannot be sent');
foreach (['get' => [], 'ack' => [$sent], 'reject' => [$sent]] as $method => $arguments) {
    fails(static function () use ($transport, $method, $arguments): void {
        $transport->$method(...$arguments);
    }, ExceptionInterface::class, 'Task-runners handle the messages');
}

// Serializers of Messenger.
foreach ([new PhpSerializer(), Serializer::create(), new ReadableSerializer()] as $serializer) {
    $transport = $transportOf('taskqueue://default?serializer=messenger', [], $serializer);
    $id = $transport->send(new Envelope(new Shop\Ending('Zürich'), [new BusNameStamp('b')]))->last(TransportMessageIdStamp::class)->getId();
    $data = $fake->find($id)->taskData;
    $isPhp = $serializer instanceof PhpSerializer;
    check(isset($data['Serialized']) === $isPhp && ($data['Data']['how'] ?? 'none') === ($isPhp ? 'none' : 'Zürich'), get_class($serializer) . ': ' . json_encode($data));
    $received = $transport->getData()->decode($data);
    check($received->getMessage() == new Shop\Ending('Zürich') && $received->last(BusNameStamp::class)->getBusName() === 'b', get_class($serializer));
}

// Only what the site has signed becomes objects.
$messages = $transportOf('taskqueue://default')->getData();
$signed = $messages->encode(new Envelope(new Shop\Ending('well')));
foreach ([['Message' => 'X'] + $signed, ['Signature' => 'x'] + $signed, ['Signature' => []] + $signed, array_diff_key($signed, ['Signature' => 1]), []] as $changed) {
    fails(static function () use ($messages, $changed): void {
        $messages->decode($changed);
    }, GiveUp::class, 'not signed by this site');
}
$former = (new SignedData('Messenger', 'the former secret'))->sign(array_diff_key($signed, ['Signature' => 1]));
check($messages->decode($former)->getMessage()->how === 'well', 'an earlier secret is accepted');
$other = (new SignedData('Laravel', 'the secret'))->sign(array_diff_key($signed, ['Signature' => 1]));
fails(static function () use ($messages, $other): void {
    $messages->decode($other);
}, GiveUp::class, 'not signed by this site');
$gone = $signing->sign(['Message' => 'Gone', 'Data' => ['a' => 1], 'Headers' => ['type' => 'Gone']]);
fails(static function () use ($messages, $gone): void {
    $messages->decode($gone);
}, GiveUp::class, 'there is no class Gone');

// What becomes of exceptions.
$recoverable = new class('busy') extends RuntimeException implements RecoverableExceptionInterface {
    public function getRetryDelay(): int
    {
        return 1500;
    }
};
$hopeless = new UnrecoverableMessageHandlingException('no such order');
$plain = new DomainException('plain');
$nested = static function (Throwable ...$all): HandlerFailedException {
    return new HandlerFailedException(new Envelope(new stdClass()), $all);
};
$outcome = (new Failure($nested($plain, $recoverable)))->asOutcome();
check($outcome instanceof RetryAfter && $outcome->getSeconds() === 2, 'the delay of a newer Messenger is heeded, rounded up');
check((new Failure($nested($hopeless, $nested($hopeless))))->asOutcome() instanceof GiveUp, 'all are unrecoverable');
check((new Failure($nested($plain, $hopeless)))->asOutcome() === $plain, 'one of them is not');
$snooze = new Snooze(3);
check((new Failure($nested($hopeless, $nested($snooze))))->asOutcome() === $snooze, 'an exception of the queue decides');
check(strpos((new Failure($nested($hopeless, $plain)))->message(), 'messenger_test.php') !== false, 'the place is told');

// DSNs and options.
$factory = new TransportFactory(['default' => new stdClass()], 'secret');
check($factory->supports('taskqueue://default', []) && $factory->supports('taskqueue+https://t@host', []) && !$factory->supports('doctrine://default', []), 'supports');
foreach ([
    ['no option colour', 'taskqueue://default?colour=red', []],
    ['max_retries must be', 'taskqueue://default?max_retries=many', []],
    ['max_retries must be', 'taskqueue://default', ['max_retries' => 0]],
    ['priority must be', 'taskqueue://default?priority=10', []],
    ['retry must be queue or messenger', 'taskqueue://default?retry=never', []],
    ['exclude each other', 'taskqueue://default?retry=messenger&max_retries=3', []],
    ['there is no such class', 'taskqueue://default', ['messages' => ['Shop\Missing']]],
    ['taskqueue://CONNECTION', 'taskqueue://', []],
    ['names no API token', 'taskqueue+https://host/taskqueue', []],
] as [$part, $dsn, $options]) {
    fails(static function () use ($factory, $dsn, $options): void {
        $factory->createTransport($dsn, $options, new PhpSerializer());
    }, ExceptionInterface::class, $part);
}
$settings = new TransportSettings('taskqueue+https://to%2Fken@host:8443/taskqueue?queue=q', []);
check($settings->apiToken === 'to/ken' && $settings->address === 'https://host:8443/taskqueue' && $settings->connection === null, 'the API');
foreach (['default' => 'neither a PDO nor a mysqli', 'other' => 'There is no connection other'] as $name => $part) {
    fails(static function () use ($factory, $name): void {
        $factory->createTransport("taskqueue://$name", [], new PhpSerializer())->send(new Envelope(new stdClass()));
    }, ExceptionInterface::class, $part);
}
fails(static function (): void {
    new TransportFactory([], '');
}, InvalidArgumentException::class, 'A secret of the site');
echo "ok\n";
