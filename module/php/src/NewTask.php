<?php

namespace TaskQueue;

/** A task to enqueue. The client checks it against the API's limits as far as it can. */
final class NewTask
{
    private const DATA_BYTES = 1048576;
    private const DATA_DEPTH = 32;
    private const DATA_VALUES = 10000;
    private const MOST_RETRIES = 1000;
    private const SCHEDULE_AHEAD_SECONDS = 316224000;  // 10 years

    /** @var string */
    public $taskHandlerClass;
    /** @var string JSON in ASCII, so that no connection character set can change it */
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
        if ($options !== []) {
            TaskOptions::check($options);
        }
        TaskOptions::checkClass($class);
        if ($maxRetries !== null && ($maxRetries < 1 || $maxRetries > self::MOST_RETRIES)) {
            throw new EnqueueError('The maximum of retries must be from 1 to ' . self::MOST_RETRIES . '.');
        }
        if (in_array($class, ['NotifyByMail', 'Webhook'], true) && ($data['SentBy'] ?? 'hand') !== 'hand') {
            throw new EnqueueError('SentBy of a message can only be "hand": the queue alone says that it was the queue.');
        }
        $this->taskHandlerClass = $class;
        $this->taskData = self::json($data);
        $this->scheduledOn = self::unixSeconds($scheduledOn);
        $this->maxRetries = $maxRetries;
        $this->options = $options;
    }

    private static function json(array $data): string
    {
        $flags = JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION;
        try {
            // An empty array means an empty object.
            $object = $data === [] ? new \stdClass() : $data;
            $json = JsonText::of($object, $flags, self::DATA_DEPTH, self::DATA_VALUES, self::DATA_BYTES);
        } catch (\LengthException | \UnexpectedValueException $problem) {
            throw new EnqueueError("The task data {$problem->getMessage()}.", 0, $problem);
        }
        if ($json[0] !== '{') {
            throw new EnqueueError('The task data must have names: it is a list.');
        }
        return $json;
    }

    /** @param mixed $when */
    private static function unixSeconds($when): ?int
    {
        if ($when === null) {
            return null;
        }
        if (!is_int($when) && !$when instanceof \DateTimeInterface) {
            throw new EnqueueError('The time to schedule on must be unix seconds, as an int, or a DateTimeInterface.');
        }
        $seconds = is_int($when) ? $when : $when->getTimestamp();
        if ($seconds < 1 || $seconds > time() + self::SCHEDULE_AHEAD_SECONDS) {
            throw new EnqueueError("The time to schedule on, $seconds, must be from 1 to now + " . self::SCHEDULE_AHEAD_SECONDS
                . ' in unix seconds.');
        }
        return $seconds;
    }
}
