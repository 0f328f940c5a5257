<?php

namespace TaskQueue;

/** Cancels and retries tasks over the site's own connection, by the rules of module/store/tasks/control.cpp. */
final class SqlControl
{
    private const DUPLICATE_KEY = 1062;

    /** @var SqlConnection */
    private $connection;
    /** @var SqlStatements */
    private $statements;
    /** @var SqlTransaction */
    private $transaction;

    public function __construct(SqlConnection $connection, SqlStatements $statements, SqlTransaction $transaction)
    {
        $this->connection = $connection;
        $this->statements = $statements;
        $this->transaction = $transaction;
    }

    /** Returns a constant of CancelOutcome. */
    public function cancel(int $id): string
    {
        return $this->transaction->run(function () use ($id): string {
            $task = $this->lock($id);
            if ($task === null) {
                return CancelOutcome::NO_SUCH_TASK;
            }
            [$status, $waits] = $task;
            if ($status === 'running' && ($run = $this->runningRun($id)) !== null) {
                $this->connection->execute($this->statements->requestCancel(), [$run]);
                $this->record('cancel', $id, 'asked of its runner');
                return CancelOutcome::REQUESTED;
            }
            $run = $this->connection->number($this->statements->findScheduledRun(), [$id]);
            if ($run !== null) {
                $this->connection->execute($this->statements->cancelScheduledRun(), [$run]);
            } elseif (!$waits || in_array($status, ['success', 'cancelled'], true)) {
                return CancelOutcome::ALREADY_ENDED;
            }
            $this->connection->execute($this->statements->cancelTask(), [$id]);
            $this->record('cancel', $id, '');
            return CancelOutcome::CANCELLED;
        });
    }

    /** Returns a constant of RetryOutcome. */
    public function retry(int $id): string
    {
        try {
            return $this->transaction->run(function () use ($id): string {
                $task = $this->lock($id);
                if ($task === null) {
                    return RetryOutcome::NO_SUCH_TASK;
                }
                [$status] = $task;
                if ($status === 'running' && $this->runningRun($id) !== null) {
                    return RetryOutcome::STILL_RUNNING;
                }
                $forgiven = $this->connection->number($this->statements->newestEndedAttempt(), [$id]);
                $this->connection->execute($this->statements->freeKeyOfEndedWindow(), [$id]);
                $this->connection->execute($this->statements->startAnew(), [(int)$forgiven, $id]);
                $run = $this->connection->number($this->statements->findScheduledRun(), [$id]);
                if ($run !== null) {
                    $this->connection->execute($this->statements->clearCancelRequest(), [$run]);
                }
                $this->record('retry', $id, "it was $status");
                return RetryOutcome::SCHEDULED;
            });
        } catch (\RuntimeException $problem) {
            if ($problem->getCode() !== self::DUPLICATE_KEY) {
                throw $problem;
            }
            return RetryOutcome::KEY_TAKEN;
        }
    }

    /**
     * Locks the task against claims and ends. A task that is missing is not locked: that would lock the gap for all
     * enqueues.
     *
     * @return array{string, bool}|null LastStatus, and whether the task waits or is parked
     */
    private function lock(int $id): ?array
    {
        if ($this->connection->number($this->statements->hasTask(), [$id]) === null) {
            return null;
        }
        $row = $this->connection->rows($this->statements->lockTask(), [$id])[0] ?? null;
        return $row === null ? null : [(string)$row[0], (int)$row[1] === 1];
    }

    private function runningRun(int $id): ?int
    {
        return $this->connection->number($this->statements->lockRunningRun(), [$id]);
    }

    private function record(string $action, int $id, string $detail): void
    {
        $this->connection->execute($this->statements->recordAudit(), [$action, $id, $detail]);
    }
}
