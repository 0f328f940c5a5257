<?php

namespace TaskQueue;

/**
 * A task as it was when it was read, with its newest run.
 *
 * @phpstan-type TaskMembers array<string, mixed>
 * @phpstan-type RunMembers array<string, mixed>
 * @immutable
 */
final class TaskStatus
{
    public int $id;
    public string $taskHandlerClass;
    /** scheduled, running, success, error, timeout or cancelled */
    public string $status;
    public string $queue;
    /** 0 is first, 9 is last */
    public int $priority;
    public string $title;
    public int $queuedById;
    /** Times are unix seconds of the database. */
    public ?int $queuedOn;
    public ?int $scheduledOn;
    /** The time of the next run; null while there is none, because the task is running, is parked or has ended. */
    public ?int $nextRunOn;
    /** Failed runs so far, and those after which the task is not retried. */
    public int $taskRunsFailed;
    public int $maxRetries;
    public ?string $uniqueKey;
    public ?string $concurrencyKey;
    /** A newer task took its UniqueKey, so it is not retried. */
    public bool $superseded;
    public string $parkedReason;
    /** @var array<string, mixed>|null null in a list */
    public ?array $taskData;

    /** The newest run: 0 while there was none, and in a list. */
    public int $attempt;
    /** From 0 to 100. */
    public int $percent;
    public string $note;
    public ?int $startedOn;
    public ?int $finishedOn;
    /** @var mixed what the handler returned, or gave to setResults(); null if there are none */
    public $results;
    /** '' while there is no error */
    public string $errorCode;
    public string $errorMessage;
    /** The running run was asked to stop. */
    public bool $isCancelRequested;

    /**
     * Why the task waits, for programs, such as not_due, no_runner or handler_paused; null if it does not wait, and in a
     * list.
     */
    public ?string $waitCode;
    /** The same for people, as a sentence. */
    public ?string $waitReason;

    /**
     * @param TaskMembers $task by the names of the columns; those that are missing get the column's default
     * @param RunMembers|null $run the newest run, likewise; Results are decoded
     * @param array{Code: string, Text: string}|null $wait
     */
    public function __construct(array $task, ?array $run = null, ?array $wait = null)
    {
        $this->id = (int)$task['Id'];
        $this->taskHandlerClass = (string)$task['TaskHandlerClass'];
        $this->status = (string)($task['LastStatus'] ?? 'scheduled');
        $this->queue = (string)($task['Queue'] ?? 'default');
        $this->priority = (int)($task['Priority'] ?? 5);
        $this->title = (string)($task['Title'] ?? '');
        $this->queuedById = (int)($task['QueuedById'] ?? 0);
        $this->queuedOn = self::number($task['QueuedOn'] ?? null);
        $this->scheduledOn = self::number($task['ScheduledOn'] ?? null);
        $this->taskRunsFailed = (int)($task['TaskRunsFailed'] ?? 0);
        $this->maxRetries = (int)($task['MaxRetries'] ?? 5);
        $this->uniqueKey = self::text($task['UniqueKey'] ?? null);
        $this->concurrencyKey = self::text($task['ConcurrencyKey'] ?? null);
        $this->superseded = (bool)($task['Superseded'] ?? false);
        $this->nextRunOn = $this->timeOfNextRun(self::number($task['NextRunOn'] ?? null));
        $this->parkedReason = (string)($task['ParkedReason'] ?? '');
        $this->taskData = is_array($task['TaskData'] ?? null) ? $task['TaskData'] : null;

        $this->attempt = (int)($run['Attempt'] ?? 0);
        $this->percent = (int)($run['PercentsCompleted'] ?? 0);
        $this->note = (string)($run['ProgressNote'] ?? '');
        $this->startedOn = self::number($run['StartedOn'] ?? null);
        $this->finishedOn = self::number($run['FinishedOn'] ?? null);
        $this->results = $run['Results'] ?? null;
        $this->errorCode = (string)($run['ErrorCode'] ?? '');
        $this->errorMessage = (string)($run['ErrorMessage'] ?? '');
        $this->isCancelRequested = ($run['CancelRequestedOn'] ?? null) !== null;

        $this->waitCode = $wait['Code'] ?? null;
        $this->waitReason = $wait['Text'] ?? null;
    }

    /** Returns whether the task has ended, so that no further run follows by itself. */
    public function isOver(): bool
    {
        if ($this->status === 'success' || $this->status === 'cancelled') {
            return true;
        }
        return $this->status !== 'running' && $this->nextRunOn === null && $this->parkedReason === '';
    }

    public function hasSucceeded(): bool
    {
        return $this->status === 'success';
    }

    /** Returns whether the task has ended with an error and is not retried. */
    public function hasFailed(): bool
    {
        return $this->isOver() && in_array($this->status, ['error', 'timeout'], true);
    }

    /**
     * The column is 0 until a runner has looked at the task. Then a task that has ended is notified of, and another one is
     * due at its ScheduledOn.
     */
    private function timeOfNextRun(?int $column): ?int
    {
        if ($column !== 0) {
            return $column;
        }
        $hasEnded = $this->superseded || $this->status === 'success' || $this->status === 'cancelled';
        return $hasEnded ? null : $this->scheduledOn ?? $this->queuedOn ?? 0;
    }

    /** @param mixed $value */
    private static function number($value): ?int
    {
        return $value === null || $value === '' ? null : (int)$value;
    }

    /** @param mixed $value */
    private static function text($value): ?string
    {
        return $value === null ? null : (string)$value;
    }
}
