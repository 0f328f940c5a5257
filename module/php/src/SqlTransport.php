<?php

namespace TaskQueue;

/** Over the site's own connection, whatever its error mode; joins the transaction that is open on it. */
abstract class SqlTransport implements Transport
{
    private const TRIES = 5;
    private const LOST_TO_ANOTHER = [1205, 1213];  // lock wait over, deadlock

    /** @var SqlStatements */
    private $statements;

    protected function __construct(string $tablePrefix)
    {
        $this->statements = new SqlStatements($tablePrefix);
    }

    public function enqueue(NewTask $task): int
    {
        $isOneStatement = !isset($task->options['UniqueKey']);
        if ($isOneStatement || $this->read($this->statements->isInTransaction(), [], 'IsOpen') === 1) {
            return $this->add($task);
        }
        for ($try = 1;; ++$try) {
            $this->execute('START TRANSACTION', []);
            try {
                $id = $this->add($task);
                $this->execute('COMMIT', []);
                return $id;
            } catch (\Throwable $problem) {
                $this->execute('ROLLBACK', []);
                if ($try === self::TRIES || !in_array($problem->getCode(), self::LOST_TO_ANOTHER, true)) {
                    throw $problem;
                }
            }
        }
    }

    private function add(NewTask $task): int
    {
        $handler = $this->firstRow($this->statements->findHandler(), [$task->taskHandlerClass]);
        if ($handler === null) {
            throw SqlStatements::unknownHandler($task->taskHandlerClass);
        }
        $values = $this->statements->values($task, $handler);
        for ($try = 1; $try <= self::TRIES; ++$try) {
            $id = $this->execute($this->statements->insert(), $values);
            if ($id < SqlStatements::HELD) {
                return $id;
            }
            $holder = $id - SqlStatements::HELD;
            $replaces = ($task->options['UniqueMode'] ?? 'keep') === 'replace';
            if (!$replaces && $this->read($this->statements->isOver(), [$holder], 'IsOver') !== 1) {
                return $holder;
            }
            $this->makeGiveWay($holder);
        }
        throw new \RuntimeException("The unique key {$task->options['UniqueKey']} is taken again and again.");
    }

    private function makeGiveWay(int $holder): void
    {
        $this->execute($this->statements->giveWay(), [$holder]);
        $run = $this->read($this->statements->findScheduledRun(), [$holder], 'Id');
        if ($run !== null) {
            $this->execute($this->statements->cancelScheduledRun(), [$run]);
        }
    }

    private function read(string $sql, array $values, string $column): ?int
    {
        $row = $this->firstRow($sql, $values);
        return $row === null ? null : (int)$row[$column];
    }

    /** Runs the statement and returns LAST_INSERT_ID(). A \RuntimeException has MariaDB's error number as its code. */
    abstract protected function execute(string $sql, array $values): int;

    /** The first row of the answer by column name, or null. */
    abstract protected function firstRow(string $sql, array $values): ?array;

    protected function problem(int $number, string $message, ?\Throwable $cause): \RuntimeException
    {
        return new \RuntimeException("The queue's table could not be used: $message", $number, $cause);
    }
}
