<?php

namespace TaskQueue;

/** For unit tests of a site: keeps what was enqueued, runs nothing. */
final class FakeTransport implements Transport
{
    /** @var NewTask[] by Id */
    private $tasks = [];

    public function enqueue(NewTask $task): int
    {
        $key = $task->options['UniqueKey'] ?? null;
        foreach ($this->tasks as $id => $earlier) {
            if ($key !== null && ($earlier->options['UniqueKey'] ?? null) === $key) {
                return $id;
            }
        }
        $this->tasks[count($this->tasks) + 1] = $task;
        return count($this->tasks);
    }

    /** @return NewTask[] by Id, in the order in which they were enqueued */
    public function getTasks(): array
    {
        return $this->tasks;
    }
}
