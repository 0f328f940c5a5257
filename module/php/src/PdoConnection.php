<?php

namespace TaskQueue;

/** A connection of PDO. */
final class PdoConnection extends SqlConnection
{
    /** @var \PDO */
    private $connection;

    public function __construct(\PDO $connection)
    {
        $this->connection = $connection;
    }

    public function rowsOfText(string $sql): array
    {
        $cause = null;
        $statement = false;
        try {
            $statement = $this->connection->query($sql);
        } catch (\PDOException $cause) {
        }
        if ($statement === false) {
            throw self::problemOf($this->connection, $cause);
        }
        return self::allOf($statement);
    }

    public function literal(string $text): string
    {
        return (string)$this->connection->quote($text);
    }

    public function knownTransaction(): ?bool
    {
        $isOpen = $this->connection->inTransaction();
        // Before PHP 8, PDO knows only transactions that it has begun.
        return $isOpen || PHP_VERSION_ID >= 80000 ? $isOpen : null;
    }

    protected function prepare(string $sql): object
    {
        $cause = null;
        $statement = false;
        try {
            $statement = $this->connection->prepare($sql);
        } catch (\PDOException $cause) {
        }
        if ($statement === false) {
            throw self::problemOf($this->connection, $cause);
        }
        return $statement;
    }

    protected function run(object $statement, array $values, bool $wantsRows): array
    {
        $cause = null;
        $isDone = false;
        try {
            $isDone = $statement->execute($values);
        } catch (\PDOException $cause) {
        }
        if (!$isDone) {
            throw self::problemOf($statement, $cause);
        }
        return $wantsRows ? [0, self::allOf($statement)] : [(int)$this->connection->lastInsertId(), []];
    }

    /** PDO can insert the values into the statement itself. */
    protected function runUnprepared(string $sql, array $values, bool $wantsRows): array
    {
        $emulates = $this->connection->getAttribute(\PDO::ATTR_EMULATE_PREPARES);
        $this->connection->setAttribute(\PDO::ATTR_EMULATE_PREPARES, true);
        try {
            return $this->run($this->prepare($sql), $values, $wantsRows);
        } finally {
            $this->connection->setAttribute(\PDO::ATTR_EMULATE_PREPARES, $emulates);
        }
    }

    /** A PDO object has one session for life. */
    protected function session(): int
    {
        return 0;
    }

    /** @return list<list<mixed>> */
    private static function allOf(\PDOStatement $statement): array
    {
        $rows = $statement->fetchAll(\PDO::FETCH_NUM);
        $statement->closeCursor();
        return $rows === false ? [] : $rows;
    }

    /** @param \PDO|\PDOStatement $source */
    private static function problemOf($source, ?\PDOException $cause): \RuntimeException
    {
        $error = $cause->errorInfo ?? $source->errorInfo();
        return self::problem((int)($error[1] ?? 0), $error[2] ?? ($cause ? $cause->getMessage() : ''), $cause);
    }
}
