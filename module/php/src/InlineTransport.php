<?php

namespace TaskQueue;

/** Runs each task in the process that enqueues it; see TaskQueue::inline(). */
final class InlineTransport implements Transport
{
    private const KEPT = 1000;  // tasks in memory

    /** @var FakeTransport */
    private $memory;
    /** @var list<int> Ids of tasks that wait for the end of the current run */
    private $due = [];
    /** @var bool */
    private $isRunning = false;

    public function __construct(FakeTransport $memory)
    {
        $this->memory = $memory;
    }

    /** A task that a handler enqueues runs after that handler's run. */
    public function enqueue(array $tasks): array
    {
        $ids = $this->memory->enqueue($tasks);
        $this->runAll($ids);
        return $ids;
    }

    public function find(int $id): ?TaskStatus
    {
        return $this->memory->find($id);
    }

    public function wait(int $id, float $seconds): ?TaskStatus
    {
        return $this->memory->find($id);
    }

    public function cancel(int $id): string
    {
        return $this->memory->cancel($id);
    }

    public function retry(int $id): string
    {
        $outcome = $this->memory->retry($id);
        if ($outcome === RetryOutcome::SCHEDULED) {
            $this->runAll([$id]);
        }
        return $outcome;
    }

    public function list(TaskFilter $filter): TaskList
    {
        return $this->memory->list($filter);
    }

    public function runnersAlive(): int
    {
        return 0;
    }

    public function wake(): void
    {
    }

    /** @param list<int> $ids */
    private function runAll(array $ids): void
    {
        array_push($this->due, ...$ids);
        if ($this->isRunning) {
            return;
        }
        $this->isRunning = true;
        try {
            while ($this->due !== []) {
                $this->memory->run(array_shift($this->due));
                $this->memory->forgetAllBut(self::KEPT);
            }
        } finally {
            $this->isRunning = false;
            $this->due = [];
        }
    }
}
