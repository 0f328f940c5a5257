<?php

namespace TaskQueue;

/** Uses the queue's tables over the site's own connection. An open transaction includes what is changed. */
final class SqlTransport implements Transport
{
    /** @var SqlTransaction */
    private $transaction;
    /** @var SqlEnqueue */
    private $enqueue;
    /** @var SqlControl */
    private $control;
    /** @var SqlReadings */
    private $readings;
    /** @var string */
    private $wakeDirectory;

    /**
     * @param \PDO|\mysqli $connection
     * @param string $unknownHandlers a constant of TaskQueue
     * @param string $wakeDirectory where the runners' sockets are; '': runners are not woken
     */
    public function __construct($connection, string $tablePrefix, string $unknownHandlers, string $wakeDirectory)
    {
        if (!in_array($unknownHandlers, [TaskQueue::REFUSE_UNKNOWN_HANDLERS, TaskQueue::PARK_UNKNOWN_HANDLERS], true)) {
            throw new ArgumentError("What becomes of unknown handlers must be refuse or park, not '$unknownHandlers'.",
                'Use TaskQueue::REFUSE_UNKNOWN_HANDLERS or PARK_UNKNOWN_HANDLERS.', 'unknownHandlers', 'out_of_range');
        }
        if (!$connection instanceof \PDO && !$connection instanceof \mysqli) {
            throw new ArgumentError('The connection is of type ' . gettype($connection) . '.', 'Give a PDO or a mysqli.',
                'connection', 'wrong_type');
        }
        $sql = $connection instanceof \PDO ? new PdoConnection($connection) : new MysqliConnection($connection);
        $statements = new SqlStatements($tablePrefix);
        $handlers = new HandlerDeclarations($sql, $statements, $unknownHandlers === TaskQueue::PARK_UNKNOWN_HANDLERS);
        $this->transaction = new SqlTransaction($sql, $statements);
        $this->enqueue = new SqlEnqueue($sql, $statements, $this->transaction, $handlers);
        $this->control = new SqlControl($sql, $statements, $this->transaction);
        $this->readings = new SqlReadings($sql, $tablePrefix, $this->transaction);
        $this->wakeDirectory = $wakeDirectory;
    }

    public function enqueue(array $tasks): array
    {
        $ids = $this->enqueue->add($tasks);
        $this->wakeAfterCommit($ids);
        return $ids;
    }

    public function find(int $id): ?TaskStatus
    {
        return $this->readings->find($id);
    }

    public function wait(int $id, float $seconds): ?TaskStatus
    {
        if ($this->transaction->isOpen()) {
            throw new UseError(
                'wait() cannot be used in a transaction, or without autocommit: its tasks run after COMMIT, and it '
                    . 'would never see their end.',
                'Commit first.', null, 'in_transaction'
            );
        }
        return Polling::untilOver(function () use ($id): ?TaskStatus {
            return $this->readings->find($id);
        }, $seconds);
    }

    public function cancel(int $id): string
    {
        return $this->control->cancel($id);
    }

    public function retry(int $id): string
    {
        $outcome = $this->control->retry($id);
        if ($outcome === RetryOutcome::SCHEDULED) {
            $this->wakeAfterCommit();
        }
        return $outcome;
    }

    public function list(TaskFilter $filter): TaskList
    {
        return $this->readings->list($filter);
    }

    public function runnersAlive(): int
    {
        return $this->readings->runnersAlive();
    }

    public function wake(): void
    {
        RunnerWake::now($this->wakeDirectory);
    }

    /** @param list<int> $newTasks */
    private function wakeAfterCommit(array $newTasks = []): void
    {
        if (!RunnerWake::isPossible($this->wakeDirectory)) {
            return;
        }
        if ($this->transaction->isSurelyCommitted()) {
            RunnerWake::now($this->wakeDirectory, $newTasks);
        } else {
            RunnerWake::later($this->wakeDirectory);
        }
    }
}
