<?php

namespace TaskQueue;

/** The current run. The object is valid until handleTaskRun returns. */
interface TaskRun
{
    public const STOP_CANCEL = 'cancel';          // the task was cancelled
    public const STOP_SHUTDOWN = 'shutdown';      // the runner ends
    public const STOP_TIME_LIMIT = 'time_limit';  // the run has worked too long

    public function getId(): int;

    public function getTaskQueueId(): int;

    public function getTaskHandlerClass(): string;

    /** 1, 2, … */
    public function getAttempt(): int;

    /** The task's row: its columns by name, TaskData decoded. */
    public function getTask(): array;

    /** The data that was given when the task was enqueued. */
    public function getTaskData(): array;

    /** From 0 to 100, never falling, and a short note (null: the last one stays). Call it as often as there is news. */
    public function setProgress(int $percents, ?string $note = null): void;

    /** The run's Results, anything that JSON can say: at most 1 MiB, 63 levels, 199,900 values. The last call counts. */
    public function setResults($results): void;

    /**
     * Why the run is asked to stop, one of STOP_…; null as long as it is not. A handler that has learnt of it returns or
     * throws soon after. That is then the stop and no success, unless it calls finished(): the run ends as `cancelled`, is released
     * without losing a try (shutdown), or is an error (time limit). One that goes on is killed after the grace
     * time.
     */
    public function stopReason(): ?string;

    /** Returns whether the run is asked to stop; see stopReason(). */
    public function isCancelled(): bool;

    /**
     * Throws Stopped once the run is asked to stop.
     *
     * @param string $message becomes a part of the run's ErrorMessage
     */
    public function stopIfAsked(string $message = ''): void;

    /** Marks the work as done, so that returning is a success even if the run was asked to stop. */
    public function finished(): void;

    /**
     * From now on the value is hidden in the run's output, error, note of progress and Results: a secret that the handler has
     * read. Flush what was written before it. At most 100 values a run: one more ends the run as an error.
     *
     * @param string $value UTF-8, at most 16 KiB; an empty one hides nothing
     * @throws \InvalidArgumentException when it cannot be hidden
     */
    public function mask(string $value): void;
}
