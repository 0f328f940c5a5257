<?php

namespace TaskQueue;

use TaskQueue\InProcess\HandlerCall;
use TaskQueue\InProcess\Handlers;
use TaskQueue\InProcess\StoredTask;

/** Keeps tasks in memory by the rules of the queue, and runs them when it is told to; see TaskQueue::fake(). */
final class FakeTransport implements Transport
{
    /** @var Handlers */
    private $handlers;
    /** @var array<int, StoredTask> by Id */
    private $tasks = [];
    /** @var int */
    private $lastId = 0;

    public function __construct(?Handlers $handlers = null)
    {
        $this->handlers = $handlers ?? new Handlers(null);
    }

    public function enqueue(array $tasks): array
    {
        array_map([$this->handlers, 'check'], $tasks);
        return array_map([$this, 'add'], $tasks);
    }

    private function add(NewTask $new): int
    {
        $task = new StoredTask($this->lastId + 1, $new, $this->handlers->settingsOf($new->taskHandlerClass));
        $holder = $this->holderOf($new->options['UniqueKey'] ?? null);
        if ($holder !== null && !$task->replacesOthers()) {
            return $holder->id;
        }
        if ($holder !== null) {
            $holder->supersede();
        }
        $this->tasks[++$this->lastId] = $task;
        return $this->lastId;
    }

    private function holderOf(?string $key): ?StoredTask
    {
        foreach ($key === null ? [] : $this->tasks as $task) {
            if ($task->holdsKey($key)) {
                return $task;
            }
        }
        return null;
    }

    public function find(int $id): ?TaskStatus
    {
        return isset($this->tasks[$id]) ? $this->tasks[$id]->status() : null;
    }

    public function wait(int $id, float $seconds): ?TaskStatus
    {
        return $this->find($id);
    }

    public function cancel(int $id): string
    {
        $task = $this->tasks[$id] ?? null;
        if ($task === null) {
            return CancelOutcome::NO_SUCH_TASK;
        }
        if ($task->status === 'running') {
            HandlerCall::requestCancel($task);
            return CancelOutcome::REQUESTED;
        }
        if (!$task->isWaiting()) {
            return CancelOutcome::ALREADY_ENDED;
        }
        $task->end('cancelled', null);
        return CancelOutcome::CANCELLED;
    }

    public function retry(int $id): string
    {
        $task = $this->tasks[$id] ?? null;
        if ($task === null) {
            return RetryOutcome::NO_SUCH_TASK;
        }
        if ($task->status === 'running') {
            return RetryOutcome::STILL_RUNNING;
        }
        $holder = $this->holderOf($task->new->options['UniqueKey'] ?? null);
        if ($holder !== null && $holder !== $task) {
            return RetryOutcome::KEY_TAKEN;
        }
        $task->retryByHand();
        return RetryOutcome::SCHEDULED;
    }

    public function list(TaskFilter $filter): TaskList
    {
        $found = [];
        foreach (array_reverse($this->tasks) as $task) {
            $status = $task->status();
            if (self::fits($status, $filter->members)) {
                $found[] = $status;
            }
        }
        $page = array_slice($found, 0, $filter->limit);
        return new TaskList($page, count($found) > count($page) ? end($page)->id : null);
    }

    /** @param array<string, mixed> $members of a TaskFilter */
    private static function fits(TaskStatus $task, array $members): bool
    {
        $values = ['LastStatus' => $task->status, 'TaskHandlerClass' => $task->taskHandlerClass, 'Queue' => $task->queue,
            'ErrorCode' => $task->errorCode];
        return array_intersect_key($members, $values) === array_intersect_assoc($members, $values)
            && (!isset($members['q']) || mb_stripos($task->title, $members['q']) !== false)
            && $task->queuedOn >= ($members['QueuedFrom'] ?? 0)
            && $task->queuedOn <= ($members['QueuedUntil'] ?? PHP_INT_MAX)
            && $task->id < ($members['after'] ?? PHP_INT_MAX);
    }

    public function runnersAlive(): int
    {
        return 0;
    }

    public function wake(): void
    {
    }

    /**
     * Runs the task once, whatever the time of its next run. Returns null if it does not wait.
     *
     * @throws ArgumentError when there is no handler to run it
     */
    public function run(int $id): ?TaskStatus
    {
        $task = $this->tasks[$id] ?? null;
        if ($task === null || !$task->isWaiting()) {
            return null;
        }
        HandlerCall::run($this->handlers, $task);
        return $task->status();
    }

    /** @return list<int> the Ids of the tasks that wait, in the order in which a runner would claim them */
    public function waitingIds(): array
    {
        $waiting = array_filter($this->tasks, static function (StoredTask $task): bool {
            return $task->isWaiting();
        });
        uasort($waiting, static function (StoredTask $one, StoredTask $other): int {
            return [$one->priority, $one->nextRunOn, $one->id] <=> [$other->priority, $other->nextRunOn, $other->id];
        });
        return array_keys($waiting);
    }

    /** @return list<TaskStatus> the tasks in the order of their enqueue, without those that a later one has replaced */
    public function added(): array
    {
        $added = [];
        foreach ($this->tasks as $task) {
            if (!$task->isReplaced()) {
                $added[] = $task->status();
            }
        }
        return $added;
    }

    /** Returns what the newest run of the task has written to standard output. */
    public function outputOf(int $id): string
    {
        return isset($this->tasks[$id]) ? $this->tasks[$id]->output : '';
    }

    /** Forgets the oldest tasks that have ended until so many are left. */
    public function forgetAllBut(int $most): void
    {
        foreach ($this->tasks as $id => $task) {
            if (count($this->tasks) <= $most) {
                return;
            }
            if (!$task->isWaiting() && $task->status !== 'running') {
                unset($this->tasks[$id]);
            }
        }
    }
}
