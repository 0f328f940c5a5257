<?php

namespace TaskQueue;

/**
 * A task to enqueue. The client checks it against the API's limits as far as it can.
 *
 * @phpstan-import-type Options from TaskOptions
 */
final class NewTask
{
    private const DATA_BYTES = 1048576;
    private const DATA_DEPTH = 32;
    private const DATA_VALUES = 10000;
    private const RETRIES = [1, 1000];
    public const SCHEDULE_AHEAD_SECONDS = 316224000;  // 10 years

    /** @var string */
    public $taskHandlerClass;
    /** @var string JSON in ASCII, so that no connection character set can change it */
    public $taskData;
    /** @var int|null unix seconds; null: at once */
    public $scheduledOn;
    /** @var int|null null: as the handler says */
    public $maxRetries;
    /** @var Options by column name */
    public $options;

    /**
     * @param array<mixed> $data JSON values by name
     * @param int|\DateTimeInterface|null $scheduledOn
     * @param Options $options
     * @throws EnqueueError
     */
    public function __construct(string $class, array $data, $scheduledOn, ?int $maxRetries, array $options)
    {
        if ($options !== []) {
            TaskOptions::check($options);
        }
        TaskOptions::checkClass($class);
        if ($maxRetries !== null) {
            self::checkRetries($maxRetries);
        }
        if (in_array($class, ['NotifyByMail', 'Webhook'], true) && ($data['SentBy'] ?? 'hand') !== 'hand') {
            throw new EnqueueError('SentBy of a message can only be "hand": the queue alone says that it was the queue.',
                'Leave it out.', 'TaskData/SentBy', 'out_of_range');
        }
        $this->taskHandlerClass = $class;
        $this->taskData = self::json($data);
        $this->scheduledOn = $scheduledOn === null ? null : self::unixSeconds($scheduledOn);
        $this->maxRetries = $maxRetries;
        $this->options = $options;
    }

    /** @throws EnqueueError */
    public static function checkRetries(int $maxRetries): void
    {
        TaskOptions::checkNumber('MaxRetries', $maxRetries, ...self::RETRIES);
    }

    /**
     * Returns the time as unix seconds.
     *
     * @param mixed $when
     * @throws EnqueueError
     */
    public static function unixSeconds($when): int
    {
        $seconds = $when instanceof \DateTimeInterface ? $when->getTimestamp() : $when;
        if (!is_int($seconds)) {
            throw new EnqueueError(
                'ScheduledOn is of type ' . gettype($seconds) . '.', 'Give unix seconds, as an int, or a DateTimeInterface.',
                'ScheduledOn', 'wrong_type'
            );
        }
        if ($seconds < 1 || $seconds > time() + self::SCHEDULE_AHEAD_SECONDS) {
            throw new EnqueueError("ScheduledOn is $seconds.", 'It must be from 1 to now + ' . self::SCHEDULE_AHEAD_SECONDS
                . ' in unix seconds.', 'ScheduledOn', 'out_of_range');
        }
        return $seconds;
    }

    /** @param array<mixed> $data */
    private static function json(array $data): string
    {
        $flags = JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION;
        try {
            // An empty array means an empty object.
            $object = $data === [] ? new \stdClass() : $data;
            $json = JsonText::of($object, $flags, self::DATA_DEPTH, self::DATA_VALUES, self::DATA_BYTES);
        } catch (\LengthException $problem) {
            throw new EnqueueError(
                "The TaskData {$problem->getMessage()}.", 'Enqueue the place of the data, such as the path of a file.',
                'TaskData', 'too_large', $problem
            );
        } catch (\UnexpectedValueException $problem) {
            throw new EnqueueError(
                "The TaskData {$problem->getMessage()}.", 'Give texts in UTF-8, finite numbers and arrays.', 'TaskData',
                'not_json', $problem
            );
        }
        if ($json[0] !== '{') {
            throw new EnqueueError(
                'The TaskData is a list.', 'Give its values names: [\'files\' => $files].', 'TaskData', 'wrong_type'
            );
        }
        return $json;
    }
}
