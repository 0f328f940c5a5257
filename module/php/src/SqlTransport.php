<?php

namespace TaskQueue;

/** Over the site's own connection, whatever its error mode; joins the transaction that is open on it. */
abstract class SqlTransport implements Transport
{
    /** @var SqlStatements */
    private $statements;

    protected function __construct(string $tablePrefix)
    {
        $this->statements = new SqlStatements($tablePrefix);
    }

    public function enqueue(NewTask $task): int
    {
        $handler = $this->firstRow($this->statements->findHandler(), [$task->taskHandlerClass]);
        if ($handler === null) {
            throw SqlStatements::unknownHandler($task->taskHandlerClass);
        }
        $key = $task->options['UniqueKey'] ?? null;
        if ($key === null) {
            return $this->insert($task, $handler);
        }
        $own = (int)array_values((array)$this->firstRow($this->statements->isInTransaction(), []))[0] === 0;
        $own && $this->execute('START TRANSACTION', []);
        try {
            $this->execute($this->statements->giveWay(($task->options['UniqueMode'] ?? 'keep') === 'replace'), [$key]);
            $id = $this->insert($task, $handler);
            $own && $this->execute('COMMIT', []);
            return $id;
        } catch (\Throwable $problem) {
            $own && $this->execute('ROLLBACK', []);
            throw $problem;
        }
    }

    private function insert(NewTask $task, array $handler): int
    {
        return $this->execute($this->statements->insert(), $this->statements->values($task, $handler));
    }

    /** Runs the statement and returns LAST_INSERT_ID(). */
    abstract protected function execute(string $sql, array $values): int;

    /** The first row of the answer by column name, or null. */
    abstract protected function firstRow(string $sql, array $values): ?array;
}
