<?php

namespace TaskQueue;

/** A transport for a site's unit tests. It stores enqueued tasks and runs none. */
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
