<?php

namespace TaskQueue;

/** Enqueues over a mysqli connection. */
final class MysqliTransport extends SqlTransport
{
    /** @var \mysqli */
    private $connection;

    public function __construct(
        \mysqli $connection,
        string $tablePrefix = 'inp_',
        string $unknownHandlers = TaskQueue::REFUSE_UNKNOWN_HANDLERS
    ) {
        parent::__construct($tablePrefix, $unknownHandlers);
        $this->connection = $connection;
    }

    protected function execute(string $sql, array $values): int
    {
        return $this->run($sql, $values)[0];
    }

    protected function firstRow(string $sql, array $values): ?array
    {
        return $this->run($sql, $values)[1];
    }

    /** Returns the inserted Id, and the first row of the answer or null. */
    private function run(string $sql, array $values): array
    {
        try {
            $answer = $this->runPrepared($sql, $values);
            if ($answer === null && $this->connection->errno === self::TOO_MANY_PREPARED) {
                $answer = $this->runAsText($sql, $values);
            }
        } catch (\mysqli_sql_exception $cause) {
            if ($cause->getCode() !== self::TOO_MANY_PREPARED) {
                throw $this->problem($cause->getCode(), $cause->getMessage(), $cause);
            }
            $answer = $this->runAsText($sql, $values);
        }
        if ($answer === null) {
            throw $this->problem($this->connection->errno, $this->connection->error, null);
        }
        return $answer;
    }

    private function runPrepared(string $sql, array $values): ?array
    {
        $statement = $this->connection->prepare($sql);
        if ($statement === false) {
            return null;
        }
        if ($values !== []) {
            $types = str_repeat('s', count($values));
            $statement->bind_param($types, ...$values);
        }
        if (!$statement->execute()) {
            throw $this->problem($statement->errno, $statement->error, null);
        }
        return [(int)$statement->insert_id, $this->firstOf($statement->get_result())];
    }

    /** In these statements, each '?' is the place of a value. */
    private function runAsText(string $sql, array $values): ?array
    {
        $text = preg_replace_callback('/\?/', function () use (&$values): string {
            $value = array_shift($values);
            return $value === null ? 'NULL' : "'" . $this->connection->real_escape_string((string)$value) . "'";
        }, $sql);
        $result = $this->connection->query($text);
        return $result === false ? null : [(int)$this->connection->insert_id, $this->firstOf($result)];
    }

    /** @param \mysqli_result|bool $result */
    private function firstOf($result): ?array
    {
        $row = $result instanceof \mysqli_result ? $result->fetch_row() : null;
        return is_array($row) ? $row : null;
    }
}
