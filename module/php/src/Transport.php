<?php

namespace TaskQueue;

/** A transport carries the client's requests to the queue. All methods may throw a \RuntimeException when the queue cannot be used. */
interface Transport
{
    /** The most tasks of one enqueue() and the most of one page of list(). */
    public const MOST_TASKS = 1000;
    public const MOST_LISTED = 500;
    /** A runner counts as alive while its last heartbeat is not older. */
    public const ALIVE_SECONDS = 60;

    /**
     * Enqueues the tasks, all or none, and returns their Ids in the same order. If a live task holds the UniqueKey of a
     * task, that one's Id is returned.
     *
     * @param list<NewTask> $tasks from 1 to MOST_TASKS
     * @return list<int>
     * @throws EnqueueError when a task is refused
     */
    public function enqueue(array $tasks): array;

    /** Returns the task with its newest run; null when there is none with this Id. */
    public function find(int $id): ?TaskStatus;

    /**
     * Returns the task when it has ended, or as it is after so many seconds; null when there is none with this Id.
     *
     * @throws \LogicException in a transaction, which would never see the end
     */
    public function wait(int $id, float $seconds): ?TaskStatus;

    /** Returns a constant of CancelOutcome. */
    public function cancel(int $id): string;

    /** Returns a constant of RetryOutcome. */
    public function retry(int $id): string;

    /** Returns the newest tasks first, without their data and runs. */
    public function list(TaskFilter $filter): TaskList;

    /** Returns the number of runners that are alive. */
    public function runnersAlive(): int;

    /** Wakes the runners of this host for tasks that were enqueued in transactions of the site. It never waits and never throws. */
    public function wake(): void;
}
