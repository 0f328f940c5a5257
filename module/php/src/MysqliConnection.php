<?php

namespace TaskQueue;

/** A connection of mysqli. */
final class MysqliConnection extends SqlConnection
{
    /** @var \mysqli */
    private $connection;

    public function __construct(\mysqli $connection)
    {
        $this->connection = $connection;
    }

    public function rowsOfText(string $sql): array
    {
        return $this->query($sql)[1];
    }

    public function literal(string $text): string
    {
        return "'" . $this->connection->real_escape_string($text) . "'";
    }

    public function knownTransaction(): ?bool
    {
        return null;
    }

    protected function prepare(string $sql): object
    {
        try {
            $statement = $this->connection->prepare($sql);
        } catch (\mysqli_sql_exception $cause) {
            throw self::problem($cause->getCode(), $cause->getMessage(), $cause);
        } catch (\Error $cause) {  // closed, or never connected
            throw self::problem(self::GONE, $cause->getMessage(), $cause);
        }
        if ($statement === false) {
            throw self::problem($this->connection->errno, $this->connection->error, null);
        }
        return $statement;
    }

    protected function run(object $statement, array $values, bool $wantsRows): array
    {
        try {
            if ($values !== []) {
                $statement->bind_param(str_repeat('s', count($values)), ...$values);
            }
            if (!$statement->execute()) {
                throw self::problem($statement->errno, $statement->error, null);
            }
            return $wantsRows ? [0, self::allOf($statement->get_result())] : [(int)$statement->insert_id, []];
        } catch (\mysqli_sql_exception $cause) {
            throw self::problem($cause->getCode(), $cause->getMessage(), $cause);
        }
    }

    protected function runUnprepared(string $sql, array $values, bool $wantsRows): array
    {
        return $this->query((string)preg_replace_callback('/\?/', function () use (&$values): string {
            $value = array_shift($values);
            return $value === null ? 'NULL' : $this->literal((string)$value);
        }, $sql));
    }

    /** real_connect() gives the object another session, which knows none of the statements. */
    protected function session(): int
    {
        try {
            return (int)$this->connection->thread_id;
        } catch (\Error $cause) {  // closed, or never connected
            throw self::problem(self::GONE, $cause->getMessage(), $cause);
        }
    }

    /** @return array{int, list<list<mixed>>} */
    private function query(string $sql): array
    {
        try {
            $result = $this->connection->query($sql);
        } catch (\mysqli_sql_exception $cause) {
            throw self::problem($cause->getCode(), $cause->getMessage(), $cause);
        } catch (\Error $cause) {  // closed, or never connected
            throw self::problem(self::GONE, $cause->getMessage(), $cause);
        }
        if ($result === false) {
            throw self::problem($this->connection->errno, $this->connection->error, null);
        }
        return [(int)$this->connection->insert_id, self::allOf($result)];
    }

    /**
     * @param \mysqli_result|bool $result
     * @return list<list<mixed>>
     */
    private static function allOf($result): array
    {
        if (!$result instanceof \mysqli_result) {
            return [];
        }
        $rows = $result->fetch_all(MYSQLI_NUM);
        $result->free();
        return $rows;
    }
}
