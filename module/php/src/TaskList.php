<?php

namespace TaskQueue;

/**
 * A page of tasks, the newest first. `foreach` goes over the tasks.
 *
 * @immutable
 * @implements \IteratorAggregate<int, TaskStatus>
 */
final class TaskList implements \IteratorAggregate, \Countable
{
    /** @var list<TaskStatus> */
    public array $tasks;
    /** The filter 'after' of the next page; null at the end. A page may be short, or empty, and yet not be the last. */
    public ?int $after;

    /** @param list<TaskStatus> $tasks */
    public function __construct(array $tasks, ?int $after)
    {
        $this->tasks = $tasks;
        $this->after = $after;
    }

    /** @return \ArrayIterator<int, TaskStatus> */
    public function getIterator(): \ArrayIterator
    {
        return new \ArrayIterator($this->tasks);
    }

    public function count(): int
    {
        return count($this->tasks);
    }
}
