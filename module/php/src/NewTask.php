<?php

namespace TaskQueue;

/** A task that is asked for, checked as far as the asking side can. */
final class NewTask
{
    private const DATA_BYTES = 1048576;
    private const OPTIONS = ['Queue', 'Priority', 'UniqueKey', 'UniqueMode', 'UniqueSeconds', 'ConcurrencyKey', 'Title', 'QueuedById'];
    private const MOST_UNIQUE_SECONDS = 31622400;

    /** @var string */
    public $taskHandlerClass;
    /** @var string JSON */
    public $taskData;
    /** @var int|null unix seconds; null: at once */
    public $scheduledOn;
    /** @var int|null null: as the handler says */
    public $maxRetries;
    /** @var array<string, int|string|null> by column name */
    public $options;

    /**
     * @param int|\DateTimeInterface|null $scheduledOn
     * @throws EnqueueError
     */
    public function __construct(string $class, array $data, $scheduledOn, ?int $maxRetries, array $options)
    {
        $unknown = array_diff(array_keys($options), self::OPTIONS);
        if ($unknown !== []) {
            throw new EnqueueError('There is no option ' . reset($unknown) . '; known are ' . implode(', ', self::OPTIONS) . '.');
        }
        // An empty array is meant as an empty object.
        $json = json_encode($data === [] ? new \stdClass() : $data, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION);
        if ($json === false) {
            throw new EnqueueError('The task data cannot be said in JSON: ' . json_last_error_msg() . '.');
        }
        if ($json[0] !== '{') {
            throw new EnqueueError('The task data must have names: it is a list.');
        }
        if (strlen($json) > self::DATA_BYTES) {
            throw new EnqueueError('The task data is larger than ' . self::DATA_BYTES . ' bytes of JSON.');
        }
        if ($maxRetries !== null && $maxRetries < 1) {
            throw new EnqueueError('The maximum of retries must be at least 1.');
        }
        self::checkLength('handler class', $class, 255);
        if (($options['Title'] ?? '') !== '') {
            self::checkLength('Title', $options['Title'], 255);
        }
        foreach (['UniqueKey', 'ConcurrencyKey'] as $key) {
            if (isset($options[$key])) {
                self::checkLength($key, $options[$key], 190);
            }
        }
        self::checkUniqueMode($options);
        if (preg_match('/^[A-Za-z0-9._-]{1,64}$/D', $options['Queue'] ?? 'default') !== 1) {
            throw new EnqueueError('The Queue must be 1 to 64 letters, digits, "-", "_" or ".".');
        }
        if (!in_array($options['Priority'] ?? 5, range(0, 9), true)) {
            throw new EnqueueError('The Priority must be a whole number from 0 to 9.');
        }
        $this->taskHandlerClass = $class;
        $this->taskData = $json;
        $this->scheduledOn = $scheduledOn instanceof \DateTimeInterface ? $scheduledOn->getTimestamp() : $scheduledOn;
        $this->maxRetries = $maxRetries;
        $this->options = $options;
    }

    private static function checkUniqueMode(array $options): void
    {
        $mode = $options['UniqueMode'] ?? 'keep';
        if (!in_array($mode, ['keep', 'replace', 'window'], true)) {
            throw new EnqueueError('The UniqueMode must be keep, replace or window.');
        }
        if ($mode !== 'keep' && !isset($options['UniqueKey'])) {
            throw new EnqueueError("The UniqueMode $mode needs a UniqueKey.");
        }
        $seconds = $options['UniqueSeconds'] ?? 0;
        if (($mode === 'window') !== ($seconds !== 0)) {
            throw new EnqueueError('The UniqueMode window and UniqueSeconds need each other.');
        }
        if (!is_int($seconds) || $seconds < 0 || $seconds > self::MOST_UNIQUE_SECONDS) {
            throw new EnqueueError('UniqueSeconds must be a whole number from 1 to ' . self::MOST_UNIQUE_SECONDS . '.');
        }
    }

    /** A connection that is not strict would cut it without a word. */
    private static function checkLength(string $what, string $text, int $most): void
    {
        if (preg_match('/^.{1,' . $most . '}$/Dus', $text) !== 1) {
            throw new EnqueueError("The $what must be 1 to $most characters of UTF-8.");
        }
    }
}
