<?php

namespace TaskQueue\InProcess;

use TaskQueue\FakeTaskRun;
use TaskQueue\NewTask;
use TaskQueue\TaskStatus;
use TaskQueue\Unique;

/** A task in memory, with the rules by which it changes. */
final class StoredTask
{
    private const DEFAULT_RETRIES = 5;
    private const DEFAULT_PRIORITY = 5;

    public int $id;
    public NewTask $new;
    public string $status = 'scheduled';
    public ?int $nextRunOn;
    public int $failures = 0;
    public int $attempt = 0;
    public bool $isSuperseded = false;
    public bool $isCancelRequested = false;
    /** The newest run; null while there was none. */
    public ?FakeTaskRun $run = null;
    /** What the newest run has written. */
    public string $output = '';
    public string $queue;
    public int $priority;
    public int $maxRetries;
    /**
     * Columns of the newest run.
     *
     * @var array{StartedOn?: int, FinishedOn?: int, ErrorCode?: string, ErrorMessage?: string, Results?: mixed}
     */
    public array $end = [];
    private int $queuedOn;
    private int $scheduledOn;
    private ?string $activeKey;
    private int $uniqueUntil = 0;

    /** @param array<string, mixed> $settings what the handler declares */
    public function __construct(int $id, NewTask $new, array $settings)
    {
        $options = $new->options;
        $this->id = $id;
        $this->new = $new;
        $this->queuedOn = time();
        $this->scheduledOn = $new->scheduledOn ?? $this->queuedOn;
        $this->nextRunOn = $this->scheduledOn;
        $this->queue = $options['Queue'] ?? ($settings['Queue'] ?? '' ?: 'default');
        $this->priority = $options['Priority'] ?? (int)($settings['Priority'] ?? self::DEFAULT_PRIORITY);
        $this->maxRetries = $new->maxRetries ?? ((int)($settings['MaxRetries'] ?? 0) ?: self::DEFAULT_RETRIES);
        $this->activeKey = $options['UniqueKey'] ?? null;
        $seconds = $options['UniqueSeconds'] ?? (isset($options['UniqueMode']) ? 0 : (int)($settings['UniqueSeconds'] ?? 0));
        $this->uniqueUntil = $this->queuedOn + $seconds;
    }

    public function holdsKey(string $key): bool
    {
        return $this->activeKey === $key && ($this->status !== 'success' || $this->uniqueUntil > time());
    }

    public function isWaiting(): bool
    {
        return $this->nextRunOn !== null;
    }

    /** A newer task takes the key. */
    public function supersede(): void
    {
        $this->activeKey = null;
        if ($this->status !== 'success') {
            $this->isSuperseded = true;
        }
        if ($this->isWaiting()) {
            $this->end('cancelled', null);
        }
    }

    /** @param int|null $nextRunOn unix seconds of the next run; null: there is none */
    public function end(string $status, ?int $nextRunOn): void
    {
        $this->status = $status;
        $this->nextRunOn = $this->isSuperseded ? null : $nextRunOn;
        if ($this->nextRunOn === null && ($status !== 'success' || $this->uniqueUntil <= time())) {
            $this->activeKey = null;
        }
    }

    public function retryByHand(): void
    {
        // A cancelled task keeps the time for which it was scheduled.
        $this->nextRunOn = $this->status === 'cancelled' ? max($this->scheduledOn ?? 0, time()) : time();
        $this->status = 'scheduled';
        $this->failures = 0;
        $this->isSuperseded = false;
        $this->activeKey = $this->new->options['UniqueKey'] ?? null;
    }

    public function isReplaced(): bool
    {
        return $this->isSuperseded && $this->attempt === 0;
    }

    /** @return array<mixed> */
    public function data(): array
    {
        return json_decode($this->new->taskData, true);
    }

    /** @return array<string, mixed> the columns of the task that a handler gets */
    public function columns(): array
    {
        return [
            'Id' => $this->id,
            'TaskHandlerClass' => $this->new->taskHandlerClass,
            'TaskData' => $this->data(),
            'ScheduledOn' => $this->scheduledOn,
            'QueuedOn' => $this->queuedOn,
            'QueuedById' => $this->new->options['QueuedById'] ?? 0,
            'MaxRetries' => $this->maxRetries,
            'TaskRunsFailed' => $this->failures,
            'Queue' => $this->queue,
            'Priority' => $this->priority,
            'Title' => $this->new->options['Title'] ?? '',
        ];
    }

    public function status(): TaskStatus
    {
        $task = $this->columns() + [
            'LastStatus' => $this->status,
            'NextRunOn' => $this->nextRunOn,
            'UniqueKey' => $this->new->options['UniqueKey'] ?? null,
            'ConcurrencyKey' => $this->new->options['ConcurrencyKey'] ?? null,
            'Superseded' => $this->isSuperseded,
        ];
        $run = $this->run === null ? null : $this->end + [
            'Attempt' => $this->attempt,
            'PercentsCompleted' => $this->run->getPercent(),
            'ProgressNote' => $this->run->getNote(),
            'CancelRequestedOn' => $this->isCancelRequested ? time() : null,
        ];
        $isDelayed = $this->nextRunOn !== null && $this->nextRunOn > time();
        $wait = $isDelayed ? ['Code' => 'not_due', 'Text' => 'The time of its next run has not come.'] : null;
        return new TaskStatus($task, $run, $wait);
    }

    public function replacesOthers(): bool
    {
        return ($this->new->options['UniqueMode'] ?? Unique::Keep) === Unique::Replace;
    }
}
