<?php

namespace TaskQueue\Messenger;

use Symfony\Component\Messenger\Exception\InvalidArgumentException;
use TaskQueue\TaskQueue;

/** What the DSN and the options of a transport say; options win. */
final class TransportSettings
{
    public const RETRY_BY_QUEUE = 'queue';
    public const RETRY_BY_MESSENGER = 'messenger';
    public const READABLE = 'readable';
    public const OF_MESSENGER = 'messenger';

    private const HTTP = '~^taskqueue\+(https?://)~';
    private const MOST_RETRIES = 1000;
    private const KNOWN = ['queue', 'priority', 'max_retries', 'retry', 'serializer', 'handler', 'messages', 'prefix',
        'wake_directory'];

    /** @var string the transport's name in Messenger */
    public $transportName;
    /** @var string|null the name of a connection to the database; null: the HTTP API */
    public $connection;
    /** @var string the address of the API */
    public $address = '';
    /** @var string */
    public $apiToken = '';
    /** @var string of the tables */
    public $prefix = 'inp_';
    /** @var string where the runners listen */
    public $wakeDirectory = TaskQueue::WAKE_DIRECTORY;
    /** @var string TaskHandlerClass of messages that are not listed in $messages */
    public $handler = 'Messenger';
    /** @var string[] classes of messages that have a TaskHandlerClass of their own: their class */
    public $messages = [];
    /** @var string RETRY_… */
    public $retry = self::RETRY_BY_QUEUE;
    /** @var string READABLE or OF_MESSENGER */
    public $serializer = self::READABLE;
    /** @var int|null null: as the handler says */
    public $maxRetries;
    /** @var array<string, int|string> options of each task */
    public $taskOptions = [];

    public static function supports(string $dsn): bool
    {
        return strpos($dsn, 'taskqueue://') === 0 || preg_match(self::HTTP, $dsn) === 1;
    }

    /**
     * @param array<string, mixed> $options
     * @throws InvalidArgumentException that names the wrong option
     */
    public function __construct(string $dsn, array $options)
    {
        $this->transportName = (string)($options['transport_name'] ?? 'taskqueue');
        unset($options['transport_name']);
        $parts = parse_url((string)preg_replace(self::HTTP, '$1', $dsn));
        if ($parts === false || ($parts['host'] ?? '') === '') {
            throw new InvalidArgumentException('The DSN must be taskqueue://CONNECTION or taskqueue+https://TOKEN@HOST/PATH.');
        }
        parse_str($parts['query'] ?? '', $inDsn);
        $this->readOptions($options + $inDsn);
        if (preg_match(self::HTTP, $dsn) !== 1) {
            $this->connection = $parts['host'];
            return;
        }
        $this->apiToken = rawurldecode($parts['user'] ?? '');
        $port = isset($parts['port']) ? ":{$parts['port']}" : '';
        $this->address = "{$parts['scheme']}://{$parts['host']}$port" . ($parts['path'] ?? '');
        if ($this->apiToken === '') {
            throw new InvalidArgumentException('The DSN names no API token: taskqueue+https://TOKEN@HOST/PATH.');
        }
    }

    /** @param array<string, mixed> $options */
    private function readOptions(array $options): void
    {
        $unknown = array_diff(array_keys($options), self::KNOWN);
        if ($unknown !== []) {
            throw new InvalidArgumentException('The transport has no option ' . reset($unknown) . '; known are '
                . implode(', ', self::KNOWN) . '.');
        }
        $this->retry = self::oneOf($options, 'retry', [self::RETRY_BY_QUEUE, self::RETRY_BY_MESSENGER]);
        $this->serializer = self::oneOf($options, 'serializer', [self::READABLE, self::OF_MESSENGER]);
        $this->handler = (string)($options['handler'] ?? $this->handler);
        $this->prefix = (string)($options['prefix'] ?? $this->prefix);
        $this->wakeDirectory = (string)($options['wake_directory'] ?? $this->wakeDirectory);
        $messages = $options['messages'] ?? [];
        $this->messages = is_array($messages) ? array_values($messages) : explode(',', $messages);
        foreach ($this->messages as $class) {
            if (!class_exists($class)) {
                throw new InvalidArgumentException("The option messages names $class, and there is no such class.");
            }
        }
        $maxRetries = self::number($options, 'max_retries', 1, self::MOST_RETRIES);
        // Messenger alone decides then; a run that crashes is tried again by the queue.
        $this->maxRetries = $this->retry === self::RETRY_BY_MESSENGER ? self::MOST_RETRIES : $maxRetries;
        if ($this->retry === self::RETRY_BY_MESSENGER && $maxRetries !== null) {
            throw new InvalidArgumentException('max_retries and retry=messenger exclude each other: the retry_strategy of '
                . 'Messenger has max_retries.');
        }
        $priority = self::number($options, 'priority', 0, 9);
        $given = ['Queue' => $options['queue'] ?? null, 'Priority' => $priority];
        $this->taskOptions = array_filter($given, static function ($value): bool {
            return $value !== null;
        });
    }

    /**
     * @param array<string, mixed> $options
     * @param list<string> $values the first one is the default
     */
    private static function oneOf(array $options, string $name, array $values): string
    {
        $value = $options[$name] ?? $values[0];
        if (!in_array($value, $values, true)) {
            throw new InvalidArgumentException("The option $name must be " . implode(' or ', $values) . '.');
        }
        return $value;
    }

    /** @param array<string, mixed> $options */
    private static function number(array $options, string $name, int $least, int $most): ?int
    {
        if (!isset($options[$name])) {
            return null;
        }
        $number = filter_var($options[$name], FILTER_VALIDATE_INT, ['options' => ['min_range' => $least, 'max_range' => $most]]);
        if ($number === false) {
            throw new InvalidArgumentException("The option $name must be a whole number from $least to $most.");
        }
        return $number;
    }
}
