<?php

namespace TaskQueue\Worker;

/** Calls the functions of mysqli, because methods of a derived class may do more. */
final class MysqliSession implements DatabaseSession
{
    /** @var \WeakReference */
    private $mysqli;
    /** @var string */
    private $characterSet;
    /** @var string|null value at the last call of wasUsed() */
    private $sent;

    public function __construct(\mysqli $mysqli)
    {
        $this->mysqli = \WeakReference::create($mysqli);
        $this->characterSet = (string)$this->call('mysqli_character_set_name');
    }

    public function row(string $sql): array
    {
        $result = $this->call('mysqli_query', $sql);
        $row = $result instanceof \mysqli_result ? mysqli_fetch_row($result) : null;
        return is_array($row) ? $row : [];
    }

    public function execute(string $sql): void
    {
        $this->call('mysqli_query', $sql);
    }

    public function rollBack(): void
    {
        $this->call('mysqli_rollback');
    }

    public function isInTransaction(): ?bool
    {
        return null;
    }

    public function wasUsed(): bool
    {
        $statistics = function_exists('mysqli_get_connection_stats') ? $this->call('mysqli_get_connection_stats') : [];
        $now = $statistics['bytes_sent'] ?? '0';
        $wasUsed = $now === '0' || $now !== $this->sent;  // 0: mysqlnd.collect_statistics is off
        $this->sent = $now;
        return $wasUsed;
    }

    public function isMySql(): bool
    {
        return true;
    }

    public function restoreDriver(): array
    {
        if ($this->call('mysqli_character_set_name') !== $this->characterSet) {
            $this->call('mysqli_set_charset', $this->characterSet);
        }
        return [];
    }

    /**
     * @return mixed
     * @throws DatabaseTrouble
     */
    private function call(string $function, string ...$arguments)
    {
        $mysqli = $this->mysqli->get();
        if ($mysqli === null) {
            throw DatabaseTrouble::of(2006, 'the connection is closed');
        }
        try {
            $answer = @$function($mysqli, ...$arguments);
        } catch (\mysqli_sql_exception $error) {
            throw DatabaseTrouble::of($error->getCode(), $error->getMessage());
        } catch (\Error $error) {  // the connection was closed, or never opened
            throw DatabaseTrouble::of(2006, $error->getMessage());
        }
        if ($answer === false) {
            throw DatabaseTrouble::of(mysqli_errno($mysqli), mysqli_error($mysqli));
        }
        return $answer;
    }
}
