<?php

namespace TaskQueue;

/** The site's transaction if one is open, otherwise one of our own. */
final class SqlTransaction
{
    private const TRIES = [1205 => 5, 1213 => 12];  // lock wait timeout, deadlock
    private const MOST_WAIT_MICROSECONDS = 200000;  // before another try
    private const ASKED_NANOSECONDS = 10000000;    // 10 ms
    // The statements are complete, because completion_type could open another transaction or close the connection.
    private const COMMIT = 'COMMIT AND NO CHAIN NO RELEASE';
    private const ROLLBACK = 'ROLLBACK AND NO CHAIN NO RELEASE';

    /** @var SqlConnection */
    private $connection;
    /** @var SqlStatements */
    private $statements;
    /** @var int the time until which an open transaction is believed to be open still */
    private $openUntil = 0;

    public function __construct(SqlConnection $connection, SqlStatements $statements)
    {
        $this->connection = $connection;
        $this->statements = $statements;
    }

    /**
     * Does it in the site's transaction, or in one of our own, which is repeated when another client took its locks.
     *
     * @template T
     * @param callable(): T $body
     * @return T
     */
    public function run(callable $body)
    {
        if ($this->isOpen()) {
            return $body();
        }
        for ($try = 1;; ++$try) {
            $this->connection->execute('START TRANSACTION', []);
            try {
                $result = $body();
                $this->connection->execute(self::COMMIT, []);
                return $result;
            } catch (\Throwable $problem) {
                $this->connection->execute(self::ROLLBACK, []);
                if ($try >= (self::TRIES[$problem->getCode()] ?? 0)) {
                    throw $problem;
                }
                // Clients that met once would otherwise meet again.
                usleep(random_int(0, min(self::MOST_WAIT_MICROSECONDS, 5000 << $try)));
            }
        }
    }

    public function isOpen(): bool
    {
        // Without autocommit, one that the driver does not know of is about to begin.
        return $this->connection->knownTransaction() === true
            || $this->connection->number($this->statements->isInTransaction()) !== 0;
    }

    public function isSerializable(): bool
    {
        return $this->connection->number($this->statements->isSerializable()) !== 0;
    }

    /**
     * Returns whether what was just written is committed. In a transaction of many tasks it seldom asks the server, and
     * may then return false wrongly.
     */
    public function isSurelyCommitted(): bool
    {
        $known = $this->connection->knownTransaction();
        if ($known !== null) {
            return !$known;
        }
        $now = (int)hrtime(true);
        if ($now < $this->openUntil) {
            return false;
        }
        $isOpen = $this->isOpen();
        $this->openUntil = $isOpen ? $now + self::ASKED_NANOSECONDS : 0;
        return !$isOpen;
    }
}
