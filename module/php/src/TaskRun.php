<?php

namespace TaskQueue;

/** The run in hand. Valid until handleTaskRun returns. */
interface TaskRun
{
    public function getId(): int;

    public function getTaskQueueId(): int;

    public function getTaskHandlerClass(): string;

    /** 1, 2, … */
    public function getAttempt(): int;

    /** The task's row: its columns by name, TaskData decoded. */
    public function getTask(): array;

    /** What was given when the task was enqueued. */
    public function getTaskData(): array;

    /** From 0 to 100, never falling, and a short note (null: the last one stays). Call it as often as there is news. */
    public function setProgress(int $percents, ?string $note = null): void;

    /** The run's Results, anything that JSON can say: at most 1 MiB, 63 levels, 199,900 values. The last call counts. */
    public function setResults($results): void;

    /**
     * True once somebody wants the run to stop: cancelled, over its time limit, or the runner is shutting down. Return
     * or throw soon after; a handler that does not is killed after the grace time.
     */
    public function isCancelled(): bool;
}
