<?php

namespace TaskQueue;

/** Over a mysqli connection, whatever its report mode; joins the transaction that is open on it. */
final class MysqliTransport implements Transport
{
    /** @var \mysqli */
    private $connection;
    /** @var SqlStatements */
    private $statements;

    public function __construct(\mysqli $connection, string $tablePrefix = 'inp_')
    {
        $this->connection = $connection;
        $this->statements = new SqlStatements($tablePrefix);
    }

    public function enqueue(NewTask $task): int
    {
        $find = $this->execute($this->statements->findHandler(), [$task->taskHandlerClass]);
        $find->store_result();
        if ($find->num_rows === 0) {
            throw SqlStatements::unknownHandler($task->taskHandlerClass);
        }
        $find->close();
        return (int)$this->execute($this->statements->insert(), $this->statements->values($task))->insert_id;
    }

    private function execute(string $sql, array $values): \mysqli_stmt
    {
        $statement = $this->connection->prepare($sql);
        if ($statement !== false) {
            $types = str_repeat('s', count($values));
            $statement->bind_param($types, ...$values);
            if ($statement->execute()) {
                return $statement;
            }
        }
        $error = $statement === false ? $this->connection->error : $statement->error;
        throw new \RuntimeException("The queue's table could not be used: $error");
    }
}
