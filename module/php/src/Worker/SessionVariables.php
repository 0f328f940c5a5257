<?php

namespace TaskQueue\Worker;

/**
 * The session state of MariaDB or MySQL that a run can change. One statement reads it and one restores it. The
 * statement that reads also tells whether a transaction is open, and releases the locks of GET_LOCK.
 */
final class SessionVariables
{
    private const NAMES = [
        'autocommit', 'sql_mode', 'time_zone', 'tx_isolation', 'tx_read_only', 'character_set_client', 'character_set_connection',
        'character_set_results', 'collation_connection', 'foreign_key_checks', 'unique_checks', 'completion_type',
        'sql_safe_updates', 'sql_select_limit', 'sql_big_selects', 'group_concat_max_len', 'innodb_lock_wait_timeout',
        'lock_wait_timeout', 'wait_timeout', 'auto_increment_increment', 'auto_increment_offset', 'max_statement_time',
    ];
    // The variants are for MariaDB, for MariaDB before 10.5.2, and for MySQL, which cannot tell whether a transaction
    // is open.
    private const QUESTIONS = [
        'SELECT @@in_transaction, RELEASE_ALL_LOCKS(), DATABASE()',
        'SELECT @@in_transaction, 0, DATABASE()',
        'SELECT NULL, RELEASE_ALL_LOCKS(), DATABASE()',
    ];
    private const FIRST_OF_MYSQL = 2;
    private const NAMES_OF_MYSQL = ['tx_isolation' => 'transaction_isolation', 'tx_read_only' => 'transaction_read_only',
        'max_statement_time' => 'max_execution_time'];
    private const UNKNOWN = [1193, 1305];  // error numbers for an unknown variable and an unknown function

    /** @var DatabaseSession */
    private $session;
    /** @var string[] */
    private $names = [];
    /** @var string */
    private $question = '';
    /** @var list<string|null> */
    private $values;
    /** @var string|null */
    private $database;
    /** @var bool */
    private $isInTransaction;

    /** @throws DatabaseTrouble */
    public function __construct(DatabaseSession $session)
    {
        $this->session = $session;
        $row = $this->firstAnswer();
        $this->isInTransaction = (int)$row[0] === 1;
        $this->database = $row[2];
        $this->values = array_slice($row, 3);
    }

    /** Returns whether a transaction was open when this object was created. */
    public function isInTransaction(): bool
    {
        return $this->isInTransaction;
    }

    /**
     * @return list<string|null> a row
     * @throws DatabaseTrouble
     */
    private function firstAnswer(): array
    {
        foreach (self::QUESTIONS as $number => $question) {
            $this->names = $number < self::FIRST_OF_MYSQL ? self::NAMES : array_map(static function (string $name): string {
                return self::NAMES_OF_MYSQL[$name] ?? $name;
            }, self::NAMES);
            $this->question = $question . ', @@' . implode(', @@', $this->names);
            try {
                // Locks that the bootstrap file has taken must stay.
                $unreleased = str_replace('RELEASE_ALL_LOCKS()', 'IF(FALSE, RELEASE_ALL_LOCKS(), 0)', $this->question);
                return $this->session->row($unreleased);
            } catch (DatabaseTrouble $trouble) {
                if (!in_array($trouble->getCode(), self::UNKNOWN, true) || $number === count(self::QUESTIONS) - 1) {
                    throw $trouble;
                }
            }
        }
        return [];
    }

    /**
     * @return array{bool|null, int, list<string|null>} whether a transaction is open, the number of locks that were
     *     released, and the answer for restore()
     * @throws DatabaseTrouble
     */
    public function ask(): array
    {
        $row = $this->session->row($this->question);
        return [$row[0] === null ? null : (int)$row[0] === 1, (int)$row[1], $row];
    }

    /**
     * Restores the session. No transaction may be open.
     *
     * @param list<string|null> $answer
     * @return string[] what cannot be restored
     * @throws DatabaseTrouble
     */
    public function restore(array $answer): array
    {
        $this->session->execute('UNLOCK TABLES');
        $changed = [];
        foreach ($this->values as $i => $value) {
            if ($answer[$i + 3] !== $value) {
                $changed[] = "@@session.{$this->names[$i]} = " . self::quoted($value);
            }
        }
        if ($changed !== []) {
            $this->session->execute('SET ' . implode(', ', $changed));
        }
        if ($answer[2] === $this->database) {
            return [];
        }
        if ($this->database === null) {
            return ['the database that a connection uses'];
        }
        $this->session->execute('USE `' . str_replace('`', '``', $this->database) . '`');
        return [];
    }

    private static function quoted(?string $value): string
    {
        if ($value === null) {
            return 'NULL';
        }
        return preg_match('/^[0-9]+(\.[0-9]+)?$/D', $value) === 1 ? $value : "'" . str_replace("'", "''", $value) . "'";
    }
}
