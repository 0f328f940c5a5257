<?php

namespace TaskQueue;

/**
 * The site's connection, in any error mode. It keeps the statements that it has prepared. Each method throws a
 * \RuntimeException whose code is MariaDB's error number.
 */
abstract class SqlConnection
{
    protected const TOO_MANY_PREPARED = 1461;   // the limit of the server, for all its clients together
    /** What to do, by the error number of the server or the client. */
    private const MENDS = [
        1142 => 'Give the account the rights of sql/grants.sql.',
        1146 => 'Give the prefix of the queue\'s tables, or make them by `taskqueue migrate`.',
        1792 => 'Use a transaction that may write.',
        self::GONE => 'Connect anew, and make the queue\'s object anew.',
        2013 => 'Connect anew, and make the queue\'s object anew.',
        2014 => 'Read the open result of the connection to its end, or free it.',
    ];
    protected const GONE = 2006;                // the client has no connection
    protected const STALE = [1243, 1615];       // the server has dropped the statement, or its table was altered
    private const MOST_KEPT = 32;               // statements; the oldest makes room

    /** @var array<string, object> statements of the driver by their text, the oldest first */
    private $kept = [];
    /** @var mixed the session to which the kept statements belong */
    private $session;

    /** A driver warns when it closes a statement of a connection that is gone. */
    public function __destruct()
    {
        @$this->forget(array_keys($this->kept));
    }

    /**
     * Runs a statement in which each '?' is the place of a value, and returns LAST_INSERT_ID().
     *
     * @param list<mixed> $values
     */
    public function execute(string $sql, array $values): int
    {
        return $this->prepared($sql, $values, false)[0];
    }

    /**
     * Returns the rows of the answer. Columns are read by position, because a connection may change their names.
     *
     * @param list<mixed> $values
     * @return list<list<mixed>>
     */
    public function rows(string $sql, array $values = []): array
    {
        $rows = $this->prepared($sql, $values, true)[1];
        if ($rows !== [] && !array_key_exists(0, $rows[0])) {
            throw new \UnexpectedValueException("The connection gave a row without columns for: $sql");
        }
        return $rows;
    }

    /**
     * Returns the first column of the first row; null if there is no row or the column is NULL.
     *
     * @param list<mixed> $values
     */
    public function number(string $sql, array $values = []): ?int
    {
        $value = $this->rows($sql, $values)[0][0] ?? null;
        return $value === null ? null : (int)$value;
    }

    /**
     * Runs a statement that holds its values.
     *
     * @return list<list<mixed>>
     */
    abstract public function rowsOfText(string $sql): array;

    /** Returns the text as a literal of SQL. */
    abstract public function literal(string $text): string;

    /** Returns whether a transaction is open, if the driver knows it without asking; otherwise null. */
    abstract public function knownTransaction(): ?bool;

    /** Returns a statement of the driver that has run; the arguments are those of execute(). */
    abstract protected function prepare(string $sql): object;

    /**
     * @param list<mixed> $values
     * @return array{int, list<list<mixed>>} the inserted Id and the rows, if they are wanted
     */
    abstract protected function run(object $statement, array $values, bool $wantsRows): array;

    /**
     * Runs the statement without the server's prepared statements.
     *
     * @param list<mixed> $values
     * @return array{int, list<list<mixed>>}
     */
    abstract protected function runUnprepared(string $sql, array $values, bool $wantsRows): array;

    /** Identifies the session on the server, if the driver can change it under the same object. */
    abstract protected function session(): int;

    /**
     * @param list<mixed> $values
     * @return array{int, list<list<mixed>>}
     */
    private function prepared(string $sql, array $values, bool $wantsRows): array
    {
        $session = $this->session();
        if ($session !== $this->session) {
            @$this->forget(array_keys($this->kept));
            $this->session = $session;
        }
        try {
            if (isset($this->kept[$sql])) {
                try {
                    return $this->run($this->kept[$sql], $values, $wantsRows);
                } catch (\RuntimeException $problem) {
                    @$this->forget([$sql]);
                    if (!in_array($problem->getCode(), self::STALE, true)) {
                        throw $problem;
                    }
                }
            }
            $statement = $this->prepare($sql);
            $answer = $this->run($statement, $values, $wantsRows);
        } catch (\RuntimeException $problem) {
            if ($problem->getCode() !== self::TOO_MANY_PREPARED) {
                throw $problem;
            }
            return $this->runUnprepared($sql, $values, $wantsRows);
        }
        if (count($this->kept) >= self::MOST_KEPT) {
            @$this->forget([array_key_first($this->kept)]);
        }
        $this->kept[$sql] = $statement;
        return $answer;
    }

    /** @param array<int, string|null> $texts */
    private function forget(array $texts): void
    {
        foreach ($texts as $text) {
            unset($this->kept[$text]);
        }
    }

    protected static function problem(int $number, string $message, ?\Throwable $cause): UnavailableError
    {
        $mend = self::MENDS[$number] ?? 'Try again, or look at the log of the database server.';
        $message = rtrim($message, '.');
        return new UnavailableError("The queue's table could not be used: $message.", $mend, null, 'database', $cause, $number);
    }
}
