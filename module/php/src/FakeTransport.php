<?php

namespace TaskQueue;

/** A transport for a site's unit tests. It stores enqueued tasks and runs none. */
final class FakeTransport implements Transport
{
    /** @var NewTask[] by Id */
    private $tasks = [];
    /** @var int */
    private $lastId = 0;

    public function enqueue(array $tasks): array
    {
        return array_map([$this, 'add'], $tasks);
    }

    public function find(int $id): ?TaskStatus
    {
        return isset($this->tasks[$id]) ? new TaskStatus(['Id' => $id, 'NextRunOn' => 0] + self::members($this->tasks[$id])) : null;
    }

    public function wait(int $id, float $seconds): ?TaskStatus
    {
        return $this->find($id);
    }

    public function cancel(int $id): string
    {
        if (!isset($this->tasks[$id])) {
            return CancelOutcome::NO_SUCH_TASK;
        }
        unset($this->tasks[$id]);
        return CancelOutcome::CANCELLED;
    }

    public function retry(int $id): string
    {
        return isset($this->tasks[$id]) ? RetryOutcome::SCHEDULED : RetryOutcome::NO_SUCH_TASK;
    }

    public function list(TaskFilter $filter): TaskList
    {
        return new TaskList(array_values(array_filter(array_map([$this, 'find'], array_reverse(array_keys($this->tasks))))), null);
    }

    public function runnersAlive(): int
    {
        return 0;
    }

    public function wake(): void
    {
    }

    private static function members(NewTask $task): array
    {
        return ['TaskHandlerClass' => $task->taskHandlerClass, 'TaskData' => json_decode($task->taskData, true)] + $task->options;
    }

    private function add(NewTask $task): int
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
