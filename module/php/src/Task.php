<?php

namespace TaskQueue;

/**
 * A task to enqueue, with its options. It is immutable: each method returns a changed copy, and refuses wrong values at
 * once.
 *
 *     $queue->addTask(Task::of(ImportCsv::class, ['file' => $file])->unique('import', Unique::Replace)->in(60));
 *
 * @phpstan-import-type Options from TaskOptions
 */
final class Task
{
    /** @var string */
    private $class;
    /** @var array<mixed> */
    private $data;
    /** @var int|null unix seconds */
    private $scheduledOn;
    /** @var int|null seconds from the enqueue */
    private $delay;
    /** @var int|null */
    private $maxRetries;
    /** @var Options */
    private $options = [];

    /** @param array<mixed> $data */
    private function __construct(string $class, array $data)
    {
        TaskOptions::checkClass($class);
        $this->class = $class;
        $this->data = $data;
    }

    /**
     * @param string $class the name under which runners announce the handler; the name of its class in PHP
     * @param array<mixed> $data JSON values by name: what the handler gets
     * @throws EnqueueError
     */
    public static function of(string $class, array $data = []): self
    {
        return new self($class, $data);
    }

    /**
     * Runs at the earliest so many seconds after the enqueue.
     *
     * @param int|float|\DateInterval $seconds 0 to 316224000 (10 years); a fraction rounds up. A month of an interval
     *     is the next one from now on
     */
    public function in($seconds): self
    {
        $most = NewTask::SCHEDULE_AHEAD_SECONDS;
        if ($seconds instanceof \DateInterval) {
            $now = new \DateTimeImmutable('@' . time());
            $seconds = $now->add($seconds)->getTimestamp() - $now->getTimestamp() + ($seconds->f > 0 ? 1 : 0);
        }
        if (!(is_int($seconds) || is_float($seconds)) || !($seconds >= 0 && $seconds <= $most)) {
            $shown = is_scalar($seconds) ? var_export($seconds, true) : 'of type ' . gettype($seconds);
            throw new EnqueueError(
                "The delay is $shown.", "It must be a number of seconds from 0 to $most.", 'ScheduledOn', 'out_of_range'
            );
        }
        $changed = clone $this;
        $changed->delay = (int)ceil($seconds);
        $changed->scheduledOn = null;
        return $changed;
    }

    /**
     * Runs at this time at the earliest.
     *
     * @param int|\DateTimeInterface $when an int is unix seconds; at most 10 years ahead
     */
    public function at($when): self
    {
        $changed = clone $this;
        $changed->scheduledOn = NewTask::unixSeconds($when);
        $changed->delay = null;
        return $changed;
    }

    /** Sets the failed runs, 1 to 1000, after which it is not retried; otherwise as the handler says, or 5. */
    public function tries(int $most): self
    {
        NewTask::checkRetries($most);
        $changed = clone $this;
        $changed->maxRetries = $most;
        return $changed;
    }

    /** Sets the priority: 0 is first, 9 is last. Otherwise it is as the handler says, or 5. */
    public function priority(int $priority): self
    {
        return $this->with(['Priority' => $priority]);
    }

    /** Puts it on this queue: 1 to 64 letters, digits, "-", "_" or ".". Otherwise as the handler says, or 'default'. */
    public function onQueue(string $queue): self
    {
        return $this->with(['Queue' => $queue]);
    }

    /**
     * Makes it the only live task with this key.
     *
     * @param string $key one line of at most 190 characters
     * @param string|null $mode a constant of Unique; null: as the handler says, or Unique::Keep
     * @param int $seconds for Unique::Window: the time from the enqueue in which a success holds the key, 1 to 31622400
     */
    public function unique(string $key, ?string $mode = null, int $seconds = 0): self
    {
        $isOfHandler = $mode === null && $seconds === 0;
        $options = ['UniqueKey' => $key, 'UniqueMode' => $mode, 'UniqueSeconds' => $isOfHandler ? null : $seconds];
        $changed = $this->with($options);
        TaskOptions::checkUnique($options);
        return $changed;
    }

    /** Sets the key that the handler's MaxRunningPerKey counts: one line of at most 190 characters. */
    public function concurrencyKey(string $key): self
    {
        return $this->with(['ConcurrencyKey' => $key]);
    }

    /** Sets the title that the pages show: one line of at most 255 characters. */
    public function title(string $title): self
    {
        return $this->with(['Title' => $title]);
    }

    /** Sets the Id of the user who enqueues it. */
    public function queuedBy(int $userId): self
    {
        return $this->with(['QueuedById' => $userId]);
    }

    /**
     * Sends a notification when it ends.
     *
     * @param string|null $to an e-mail address, or the URL of a webhook; null: the address of the user of queuedBy()
     * @param string $on a constant of TellOn
     * @param string $language of the e-mail, such as en or pt-BR
     */
    public function tell(?string $to, string $on = TellOn::Both, string $language = ''): self
    {
        return $this->with(['NotifyOn' => $on, 'NotifyTo' => $to, 'NotifyLanguage' => $language]);
    }

    /**
     * Returns the checked form that a Transport takes; a delay begins now.
     *
     * @throws EnqueueError
     */
    public function toNewTask(): NewTask
    {
        $scheduledOn = $this->delay === null ? $this->scheduledOn : time() + $this->delay;
        return new NewTask($this->class, $this->data, $scheduledOn, $this->maxRetries, $this->options);
    }

    /** @param Options $options */
    private function with(array $options): self
    {
        foreach ($options as $name => $value) {
            $value === null || TaskOptions::checkOne($name, $value);
        }
        $changed = clone $this;
        $changed->options = $options + $this->options;
        return $changed;
    }
}
