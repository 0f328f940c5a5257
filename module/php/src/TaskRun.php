<?php

namespace TaskQueue;

/** The current run. The object is valid until handleTaskRun returns. */
interface TaskRun
{
    public const STOP_CANCEL = 'cancel';          // the task was cancelled
    public const STOP_SHUTDOWN = 'shutdown';  // the runner stops
    public const STOP_TIME_LIMIT = 'time_limit';  // the run has exceeded its time limit

    public function getId(): int;

    public function getTaskQueueId(): int;

    public function getTaskHandlerClass(): string;

    /** Returns the number of this attempt, starting at 1. */
    public function getAttempt(): int;

    /** Returns the number that the last attempt has if all further ones fail. A retry by hand raises it. */
    public function getMaxAttempts(): int;

    /** Returns whether the task is given up if this attempt fails. */
    public function isLastAttempt(): bool;

    /**
     * Returns a logger that writes levels and context to the run's log. With psr/log it is a Psr\Log\LoggerInterface.
     */
    public function logger(): RunLogger;

    /**
     * Returns the columns of the task's row by name, with TaskData decoded.
     *
     * @return array<string, mixed>
     */
    public function getTask(): array;

    /**
     * Returns the data that was given when the task was enqueued.
     *
     * @return array<mixed>
     */
    public function getTaskData(): array;

    /**
     * Sets the progress from 0 to 100, which never falls, and a short note (null keeps the last one). Frequent calls
     * are fine.
     */
    public function setProgress(int $percents, ?string $note = null): void;

    /** Sets the run's Results, any JSON value: at most 1 MiB, 63 levels, 199,900 values. The last call counts. */
    public function setResults($results): void;

    /**
     * Returns why the run is asked to stop, one of STOP_…; null while it is not asked. A handler that gets a reason
     * must return or throw soon; otherwise it is killed after the grace time.
     *
     * Such a return is not a success, unless the handler calls finished(). The run ends as `cancelled`, is released
     * without losing a try (shutdown), or ends as an error (time limit).
     */
    public function stopReason(): ?string;

    /** Returns whether the run is asked to stop; see stopReason(). */
    public function isCancelled(): bool;

    /**
     * Throws Stopped once the run is asked to stop.
     *
     * @param string $message is added to the run's ErrorMessage
     */
    public function stopIfAsked(string $message = ''): void;

    /** Marks the work as done, so that returning is a success even if the run was asked to stop. */
    public function finished(): void;

    /**
     * Masks a secret that the handler has read. From now on the value is hidden in the run's output, error, progress
     * note and Results. Flush earlier output first. A run may mask 100 values; one more ends the run as an error.
     *
     * @param string $value UTF-8, at most 16 KiB; an empty value masks nothing
     * @throws \InvalidArgumentException when the value cannot be masked
     */
    public function mask(string $value): void;
}
