<?php

namespace TaskQueue;

/** Enqueues over a PDO connection. */
final class PdoTransport extends SqlTransport
{
    /** @var \PDO */
    private $connection;

    public function __construct(
        \PDO $connection,
        string $tablePrefix = 'inp_',
        string $unknownHandlers = TaskQueue::REFUSE_UNKNOWN_HANDLERS
    ) {
        parent::__construct($tablePrefix, $unknownHandlers);
        $this->connection = $connection;
    }

    protected function execute(string $sql, array $values): int
    {
        $this->run($sql, $values);
        return (int)$this->connection->lastInsertId();
    }

    protected function firstRow(string $sql, array $values): ?array
    {
        $statement = $this->run($sql, $values);
        $row = $statement->fetch(\PDO::FETCH_NUM);
        $statement->closeCursor();
        return $row === false ? null : $row;
    }

    private function run(string $sql, array $values): \PDOStatement
    {
        try {
            return $this->runAsItIs($sql, $values);
        } catch (\RuntimeException $problem) {
            if ($problem->getCode() !== self::TOO_MANY_PREPARED) {
                throw $problem;
            }
        }
        // PDO can insert the values into the statement itself.
        $emulates = $this->connection->getAttribute(\PDO::ATTR_EMULATE_PREPARES);
        $this->connection->setAttribute(\PDO::ATTR_EMULATE_PREPARES, true);
        try {
            return $this->runAsItIs($sql, $values);
        } finally {
            $this->connection->setAttribute(\PDO::ATTR_EMULATE_PREPARES, $emulates);
        }
    }

    private function runAsItIs(string $sql, array $values): \PDOStatement
    {
        $cause = null;
        $statement = false;
        try {
            $statement = $this->connection->prepare($sql);
            if ($statement !== false && $statement->execute($values)) {
                return $statement;
            }
        } catch (\PDOException $cause) {
        }
        $error = $cause->errorInfo ?? ($statement === false ? $this->connection : $statement)->errorInfo();
        throw $this->problem((int)($error[1] ?? 0), $error[2] ?? ($cause ? $cause->getMessage() : ''), $cause);
    }
}
