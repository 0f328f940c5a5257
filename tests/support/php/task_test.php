<?php
// The rules for a task and the exceptions of the client, without a queue: php task_test.php. Prints "ok" and exits with 0,
// or names the first failure.

use TaskQueue\DataSchema;
use TaskQueue\ArgumentError;
use TaskQueue\ClientError;
use TaskQueue\EnqueueError;
use TaskQueue\FakeTransport;
use TaskQueue\Snooze;
use TaskQueue\Task;
use TaskQueue\TaskQueue;
use TaskQueue\TellOn;
use TaskQueue\Unique;

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';

/** The action is refused with this member, this code, and this part of the message; the mend ends the message. */
function refusedFor(callable $action, ?string $member, string $code, string $part = ''): void
{
    try {
        $action();
    } catch (ClientError $error) {
        $is = "{$error->getMember()} {$error->getErrorCode()}: {$error->getMessage()}";
        check($error->getMember() === $member && $error->getErrorCode() === $code, "$member $code is refused, not $is");
        check($part === '' || strpos($error->getMessage(), $part) !== false, "'$is' speaks of $part");
        $mend = $error->getMend();
        check($mend !== '' && substr($error->getMessage(), -strlen($mend)) === $mend, "'$is' ends with a mend");
        return;
    }
    check(false, "$member is refused for $part");
}

$queue = new TaskQueue(new FakeTransport());
$nested = static function (int $levels): array {
    $value = 1;
    for ($level = 0; $level < $levels; ++$level) {
        $value = ['a' => $value];
    }
    return $value;
};
check($queue->addTask('A', $nested(32)) > 0, '32 levels of data');
check($queue->addTask('A', ['a' => array_fill(0, 9998, ',[{')]) > 0, '10000 values');
check($queue->addTask('A', [], new DateTime('+9 years'), 1000, ['Title' => '', 'QueuedById' => -1000]) > 0, 'the most');
$none = ['UniqueKey' => null, 'Priority' => null, 'UniqueMode' => null];
check($queue->addTask('A', [], null, null, $none) > 0, 'null stands for none');

// Rejected input: the member, the error code, a part of the message, and the arguments of addTask.
$key = ['UniqueKey' => 'k'];
$told = ['NotifyOn' => 'both', 'NotifyTo' => 'a@b.c'];
foreach ([
    ['TaskData', 'wrong_type', 'list', 'A', [1, 2]],
    ['TaskData', 'not_json', 'UTF-8', 'A', ['a' => "\xFF"]],
    ['TaskData', 'not_json', 'Inf and NaN', 'A', ['a' => INF]],
    ['TaskData', 'not_json', 'contains a Closure', 'A', ['a' => ['b' => static function (): void {
    }]]],
    ['TaskData', 'not_json', 'whose elements JSON does not show', 'A', ['a' => new class implements IteratorAggregate, JsonSerializable {
        public function getIterator(): Iterator
        {
            return new ArrayIterator([1]);
        }
        /** @return static */
        #[ReturnTypeWillChange]
        public function jsonSerialize()
        {
            return $this;
        }
    }]],
    ['TaskData', 'too_large', '32 levels', 'A', $nested(33)],
    ['TaskData', 'too_large', '10000 values', 'A', ['a' => array_fill(0, 9999, 1)]],
    ['TaskData', 'too_large', 'larger', 'A', ['a' => str_repeat('x', 1 << 20)]],
    ['TaskData/SentBy', 'out_of_range', 'SentBy of a message', 'Webhook', ['SentBy' => 'queue', 'Message' => []], null, null, []],
    ['TaskHandlerClass', 'wrong_text', 'empty', '', []],
    ['TaskHandlerClass', 'wrong_text', '".." alone', '..', []],
    ['TaskHandlerClass', 'wrong_text', 'control characters', "A\nB", []],
    ['TaskHandlerClass', 'wrong_text', 'one line', "A\u{85}", [], null, null, []],
    ['TaskHandlerClass', 'wrong_type', 'integer', 5, []],
    ['MaxRetries', 'out_of_range', '1 to 1000', 'A', [], null, 0],
    ['MaxRetries', 'out_of_range', '1001', 'A', [], null, 1001],
    ['ScheduledOn', 'wrong_type', 'string', 'A', [], '2026-12-31 10:00'],
    ['ScheduledOn', 'wrong_type', 'string', 'A', [], '12'],
    ['ScheduledOn', 'wrong_type', 'boolean', 'A', [], true],
    ['ScheduledOn', 'wrong_type', 'double', 'A', [], 1.5],
    ['ScheduledOn', 'out_of_range', '0', 'A', [], 0],
    ['ScheduledOn', 'out_of_range', '-5', 'A', [], -5],
    ['ScheduledOn', 'out_of_range', 'unix seconds', 'A', [], time() * 1000],
    ['ScheduledOn', 'out_of_range', 'unix seconds', 'A', [], new DateTime('2099-01-01')],
    ['Colour', 'unknown_option', 'Known are Queue', 'A', [], null, null, ['Colour' => 1]],
    ['Colour', 'unknown_option', '', 'A', [], null, null, ['Colour' => null]],
    ['UniqueKey', 'wrong_text', '190', 'A', [], null, null, ['UniqueKey' => str_repeat('ü', 191)]],
    ['UniqueKey', 'wrong_text', 'empty', 'A', [], null, null, ['UniqueKey' => '']],
    ['UniqueKey', 'wrong_type', 'must be a string, not integer', 'A', [], null, null, ['UniqueKey' => 5]],
    ['UniqueKey', 'wrong_text', 'UniqueKey must be one line', 'A', [], null, null, ['UniqueKey' => "a\x1B"]],
    ['ConcurrencyKey', 'wrong_type', '', 'A', [], null, null, ['ConcurrencyKey' => 7]],
    ['ConcurrencyKey', 'wrong_text', 'ConcurrencyKey must be one line', 'A', [], null, null, ['ConcurrencyKey' => "a\u{2028}b"]],
    ['Title', 'wrong_text', 'UTF-8', 'A', [], null, null, ['Title' => "\xFF"]],
    ['Title', 'wrong_type', 'array', 'A', [], null, null, ['Title' => ['x']]],
    ['Title', 'wrong_text', 'Title must be one line', 'A', [], null, null, ['Title' => "a\nb"]],
    ['Title', 'wrong_text', 'Title must be one line', 'A', [], null, null, ['Title' => "a\u{9B}31m"]],
    ['Title', 'wrong_text', 'too long', 'A', [], null, null, ['Title' => str_repeat('x', 256)]],
    ['Queue', 'wrong_text', '', 'A', [], null, null, ['Queue' => "a\n"]],
    ['Queue', 'wrong_type', '', 'A', [], null, null, ['Queue' => ['a']]],
    ['Queue', 'wrong_text', '"." or ".." alone', 'A', [], null, null, ['Queue' => '.']],
    ['Queue', 'wrong_text', '"." or ".." alone', 'A', [], null, null, ['Queue' => '..']],
    ['Queue', 'wrong_text', '', 'A', [], null, null, ['Queue' => '']],
    ['Priority', 'out_of_range', 'is 10. It must be a whole number from 0 to 9.', 'A', [], null, null, ['Priority' => 10]],
    ['Priority', 'wrong_type', 'string', 'A', [], null, null, ['Priority' => '5']],
    ['QueuedById', 'wrong_type', '', 'A', [], null, null, ['QueuedById' => 'bob']],
    ['QueuedById', 'out_of_range', '', 'A', [], null, null, ['QueuedById' => -1001]],
    ['UniqueMode', 'out_of_range', 'keep, replace, window', 'A', [], null, null, $key + ['UniqueMode' => 'sometimes']],
    ['UniqueKey', 'missing', 'needs a UniqueKey', 'A', [], null, null, ['UniqueMode' => 'replace']],
    ['UniqueSeconds', 'missing', '', 'A', [], null, null, $key + ['UniqueMode' => 'window']],
    ['UniqueSeconds', 'missing', '', 'A', [], null, null, $key + ['UniqueSeconds' => 5]],
    ['UniqueSeconds', 'wrong_type', '', 'A', [], null, null, $key + ['UniqueMode' => 'window', 'UniqueSeconds' => '5']],
    ['UniqueSeconds', 'out_of_range', '', 'A', [], null, null, $key + ['UniqueMode' => 'window', 'UniqueSeconds' => 31622401]],
    ['NotifyOn', 'out_of_range', '', 'A', [], null, null, ['NotifyOn' => 'always']],
    ['NotifyOn', 'missing', 'need NotifyOn', 'A', [], null, null, ['NotifyTo' => 'a@b.c']],
    ['NotifyOn', 'missing', 'need NotifyOn', 'A', [], null, null, ['NotifyOn' => 'never', 'NotifyLanguage' => 'de']],
    ['NotifyTo', 'missing', 'QueuedById', 'A', [], null, null, ['NotifyOn' => 'both']],
    ['NotifyTo', 'wrong_text', '', 'A', [], null, null, ['NotifyTo' => "a@b.c\r\nBcc: d@e.f"] + $told],
    ['NotifyTo', 'wrong_text', '', 'A', [], null, null, ['NotifyTo' => 'https://user:word@cms.example/'] + $told],
    ['NotifyTo', 'wrong_text', '', 'A', [], null, null, ['NotifyTo' => 'https://cms.example/' . str_repeat('x', 500)] + $told],
    ['NotifyTo', 'wrong_type', '', 'A', [], null, null, ['NotifyTo' => ['a@b.c']] + $told],
    ['NotifyLanguage', 'wrong_text', '', 'A', [], null, null, $told + ['NotifyLanguage' => 'd e']],
    [null, 'unknown_option', 'Use its methods', Task::of('A'), [], null, null, ['Priority' => 1]],
    [null, 'unknown_option', 'Use its methods', Task::of('A'), ['a' => 1]],
] as $case) {
    [$member, $code, $part] = array_splice($case, 0, 3);
    refusedFor(static function () use ($queue, $case): void {
        $queue->addTask(...$case);
    }, $member, $code, $part);
}

// Each method of Task gives what the positional form gives, and leaves the task that it is called on as it was.
$plain = Task::of('Import', ['file' => 'a.csv']);
$when = new DateTimeImmutable('+1 hour');
foreach ([
    'priority' => [$plain->priority(0), ['Priority' => 0]],
    'onQueue' => [$plain->onQueue('imports'), ['Queue' => 'imports']],
    'unique' => [$plain->unique('k'), ['UniqueKey' => 'k', 'UniqueMode' => null, 'UniqueSeconds' => null]],
    'replace' => [$plain->unique('k', Unique::Replace), ['UniqueKey' => 'k', 'UniqueMode' => 'replace', 'UniqueSeconds' => 0]],
    'window' => [$plain->unique('k', Unique::Window, 60), ['UniqueKey' => 'k', 'UniqueMode' => 'window', 'UniqueSeconds' => 60]],
    'concurrencyKey' => [$plain->concurrencyKey('customer 7'), ['ConcurrencyKey' => 'customer 7']],
    'title' => [$plain->title('Zürich'), ['Title' => 'Zürich']],
    'queuedBy' => [$plain->queuedBy(7), ['QueuedById' => 7]],
    'tell' => [$plain->tell('a@b.c'), $told + ['NotifyLanguage' => '']],
    'tell on failure' => [$plain->tell('a@b.c', TellOn::Failure, 'de'), ['NotifyOn' => 'failure', 'NotifyLanguage' => 'de'] + $told],
    'tell the user' => [$plain->tell('a@b.c')->tell(null)->queuedBy(7), ['NotifyTo' => null, 'NotifyLanguage' => '', 'QueuedById' => 7]
        + $told],
    'the last call counts' => [$plain->priority(1)->priority(2), ['Priority' => 2]],
] as $what => [$task, $options]) {
    $new = $task->toNewTask();
    ksort($new->options);
    ksort($options);
    check($new->options === $options, "$what: " . json_encode($new->options));
    check($new->taskHandlerClass === 'Import' && $new->taskData === '{"file":"a.csv"}', "$what: class and data stay");
}
check($plain->toNewTask()->options === [] && $plain->toNewTask()->scheduledOn === null, 'the first task is as it was');
check($plain->at($when)->toNewTask()->scheduledOn === $when->getTimestamp(), 'at');
check($plain->at($when)->in(0)->toNewTask()->scheduledOn <= time(), 'in() replaces at()');
$inBetween = $plain->in(new DateInterval('PT1H30M'))->toNewTask()->scheduledOn - time();
check($inBetween === 5400 || $inBetween === 5399, 'an interval of 90 minutes');
refusedFor(static function () use ($plain): void {
    $plain->in(DateInterval::createFromDateString('-1 minute'));
}, 'ScheduledOn', 'out_of_range', 'The delay is -60');
$doubling = ['$ref' => '#/definitions/a22', 'definitions' => ['a0' => ['type' => 'object']]];
for ($i = 1; $i <= 22; ++$i) {
    $doubling['definitions']["a$i"] = ['anyOf' => array_fill(0, 2, ['$ref' => '#/definitions/a' . ($i - 1)])];
}
refusedFor(static function () use ($doubling): void {
    DataSchema::of((string)json_encode($doubling))->check('{}');
}, 'TaskData', 'wrong_schema', 'expands to more than 1000000 checks');
$delayed = $plain->in(59.2)->toNewTask()->scheduledOn - time();
check($delayed === 60 || $delayed === 59, 'in() rounds up');
check($plain->tries(7)->toNewTask()->maxRetries === 7, 'tries');

// A wrong value is refused where it is given.
foreach ([
    'TaskHandlerClass' => ['of', ''],
    'Priority' => ['priority', 10],
    'Queue' => ['onQueue', 'a b'],
    'UniqueMode' => ['unique', 'k', 'sometimes'],
    'UniqueSeconds' => ['unique', 'k', Unique::Window],
    'UniqueKey' => ['unique', ''],
    'ConcurrencyKey' => ['concurrencyKey', "a\n"],
    'Title' => ['title', "a\n"],
    'QueuedById' => ['queuedBy', -1001],
    'NotifyTo' => ['tell', 'nobody'],
    'NotifyOn' => ['tell', 'a@b.c', 'always'],
    'NotifyLanguage' => ['tell', 'a@b.c', TellOn::Both, 'd e'],
    'ScheduledOn' => ['in', -1],
    'MaxRetries' => ['tries', 0],
] as $member => $call) {
    $method = array_shift($call);
    try {
        $plain->$method(...$call);
        check(false, "$method is refused");
    } catch (EnqueueError $error) {
        check($error->getMember() === $member, "$method names $member, not {$error->getMember()}");
    }
}
foreach ([NAN, INF, '60', -0.5, 316224001] as $seconds) {
    refusedFor(static function () use ($plain, $seconds): void {
        $plain->in($seconds);
    }, 'ScheduledOn', 'out_of_range');
}
refusedFor(static function () use ($plain): void {
    $plain->in(new stdClass());
}, 'ScheduledOn', 'out_of_range', 'The delay is of type object.');

// A refusal of one task among several names its position; nothing is enqueued.
$fake = new FakeTransport();
refusedFor(static function () use ($fake): void {
    (new TaskQueue($fake))->addTasks([Task::of('A'), ['B', ['b' => 1]], ['C', [], null, null, ['Priority' => 10]]]);
}, '2/Priority', 'out_of_range', 'Task 2: The Priority is 10.');
check((new TaskQueue($fake))->list()->count() === 0, 'nothing was enqueued');
check(count((new TaskQueue($fake))->addTasks([Task::of('A')->priority(1), ['B', ['b' => 1]], 'C'])) === 3, 'all forms of a task');

// Other arguments.
refusedFor(static function () use ($queue): void {
    $queue->wait(1, -1);
}, 'seconds', 'out_of_range');
refusedFor(static function (): void {
    new Snooze(-1);
}, 'seconds', 'out_of_range');
try {
    $queue->list(['Colour' => 1]);
    check(false, 'an unknown filter');
} catch (ArgumentError $error) {
    check($error->getMember() === 'Colour', 'the member of a filter');
}

// Patterns and lists are checked in a time that grows with the data only, whatever the data.
$start = microtime(true);
foreach (['^(a|b)*$', '^(a|aa|b)+$', '(a*)*(b*)*$', 'a*a*a*c|b', '^[a-c]{2,}.?b$'] as $pattern) {
    $schema = DataSchema::of((string)json_encode(['properties' => ['text' => ['pattern' => $pattern]]]));
    check($schema->findProblem((string)json_encode(['text' => str_repeat('a', 100000) . 'b'])) === null, "a long text fits $pattern");
}
foreach (['' => true, '{}' => true, '{"type":"object"}' => true, '{"title":"A","description":"B","type":"object"}' => true,
    '{"type":"array"}' => false, '{"type":"object","maxProperties":1}' => false] as $schema => $accepts) {
    check(DataSchema::of($schema)->acceptsAll() === $accepts, "the schema $schema");
}
$problem = DataSchema::of('{"properties":{"text":{"pattern":"a*a*a*c"}}}')->findProblem((string)json_encode(['text' => str_repeat('a', 100000)]));
check($problem !== null && $problem[0] === '/text', 'a long text that does not fit');
foreach (['', '-', '"x"', '{"a":1,"b":%d}', '[%d]'] as $item) {
    $list = array_map(static function (int $number) use ($item): string {
        return strpos($item, '%') === false ? ($item === '"x"' ? "\"x$number\"" : $item . $number) : sprintf($item, $number);
    }, range(1, 9000));
    check(DataSchema::of('{"properties":{"list":{"uniqueItems":true}}}')->findProblem('{"list":[' . implode(',', $list) . ']}') === null, "a list of $item");
}
foreach (['1,1.0', '0,-0.0', '"a","a"', '{"a":1,"b":2},{"b":2.0,"a":1}', '[[]],[[]]', 'null,null'] as $list) {
    $problem = DataSchema::of('{"properties":{"list":{"uniqueItems":true}}}')->findProblem("{\"list\":[7,$list]}");
    check($problem !== null && $problem[0] === '/list/2', "$list are equal");
}
check(DataSchema::of('{"properties":{"list":{"uniqueItems":true}}}')->findProblem('{"list":[{},[],"",null,false,0,"0",9007199254740992,9007199254740993]}') === null, 'different items');
check(microtime(true) - $start < 60, 'the time');
echo "ok\n";
