<?php

namespace TaskQueue;

/** For unit tests of a site: keeps what was enqueued, runs nothing. */
final class FakeTransport implements Transport
{
    /** @var NewTask[] by Id */
    private $tasks = [];
    /** @var int */
    private $lastId = 0;

    public function enqueue(NewTask $task): int
    {
        $key = $task->options['UniqueKey'] ?? null;
        foreach ($this->tasks as $id => $earlier) {
            if ($key === null || ($earlier->options['UniqueKey'] ?? null) !== $key) {
                continue;
            }
            if (($task->options['UniqueMode'] ?? 'keep') !== 'replace') {
                return $id;
            }
            unset($this->tasks[$id]);
        }
        $this->tasks[++$this->lastId] = $task;
        return $this->lastId;
    }

    /** @return NewTask[] by Id, in the order in which they were enqueued */
    public function getTasks(): array
    {
        return $this->tasks;
    }
}
