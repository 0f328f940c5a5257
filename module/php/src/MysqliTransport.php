<?php

namespace TaskQueue;

/** Over a mysqli connection. */
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
        return (int)$this->run($sql, $values)->insert_id;
    }

    protected function firstRow(string $sql, array $values): ?array
    {
        $answer = $this->run($sql, $values)->get_result();
        $row = $answer === false ? null : $answer->fetch_row();
        return is_array($row) ? $row : null;
    }

    private function run(string $sql, array $values): \mysqli_stmt
    {
        try {
            $statement = $this->connection->prepare($sql);
            if ($statement !== false) {
                if ($values !== []) {
                    $types = str_repeat('s', count($values));
                    $statement->bind_param($types, ...$values);
                }
                if ($statement->execute()) {
                    return $statement;
                }
            }
        } catch (\mysqli_sql_exception $cause) {
            throw $this->problem($cause->getCode(), $cause->getMessage(), $cause);
        }
        $failed = $statement === false ? $this->connection : $statement;
        throw $this->problem($failed->errno, $failed->error, null);
    }
}
