<?php

namespace TaskQueue;

/** Over a PDO connection, whatever its error mode; joins the transaction that is open on it. */
final class PdoTransport implements Transport
{
    /** @var \PDO */
    private $connection;
    /** @var SqlStatements */
    private $statements;

    public function __construct(\PDO $connection, string $tablePrefix = 'inp_')
    {
        $this->connection = $connection;
        $this->statements = new SqlStatements($tablePrefix);
    }

    public function enqueue(NewTask $task): int
    {
        if ($this->execute($this->statements->findHandler(), [$task->taskHandlerClass])->fetchColumn() === false) {
            throw SqlStatements::unknownHandler($task->taskHandlerClass);
        }
        $this->execute($this->statements->insert(), $this->statements->values($task));
        return (int)$this->connection->lastInsertId();
    }

    private function execute(string $sql, array $values): \PDOStatement
    {
        $statement = $this->connection->prepare($sql);
        if ($statement === false || !$statement->execute($values)) {
            $error = ($statement === false ? $this->connection : $statement)->errorInfo();
            throw new \RuntimeException('The queue\'s table could not be used: ' . ($error[2] ?? 'unknown error'));
        }
        return $statement;
    }
}
