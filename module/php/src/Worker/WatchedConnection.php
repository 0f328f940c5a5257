<?php

namespace TaskQueue\Worker;

/** One connection of the site. Watching it does not keep it alive. */
final class WatchedConnection
{
    private const SECONDS_OF_TRUST = 0.05;  // after an answer, the connection counts as open for this time

    /** @var \WeakReference */
    private $connection;
    /** @var DatabaseSession */
    private $session;
    /** @var SessionVariables|null null if the server does not have them */
    private $variables;
    /** @var float */
    private $answeredAt;
    /** @var bool */
    private $isLost = false;

    /**
     * @param \PDO|\mysqli $connection
     * @throws DatabaseTrouble when the connection does not answer
     */
    public function __construct($connection)
    {
        $this->connection = \WeakReference::create($connection);
        $this->session = $connection instanceof \PDO ? new PdoSession($connection) : new MysqliSession($connection);
        $this->variables = $this->session->isMySql() ? new SessionVariables($this->session) : null;
        $this->session->wasUsed();
        $this->answeredAt = microtime(true);
    }

    /**
     * Ends the transaction that the bootstrap file left open. Returns false if there is none. @throws DatabaseTrouble
     */
    public function rollBack(): bool
    {
        $isOpen = $this->variables === null ? $this->session->isInTransaction() : $this->variables->isInTransaction();
        if ($isOpen) {
            $this->session->rollBack();
        }
        return $isOpen === true;
    }

    /** @return \PDO|\mysqli|null null: the site has dropped the connection */
    public function get()
    {
        return $this->connection->get();
    }

    /** Returns whether the server has closed the connection. Asks the server unless it has answered a moment ago. */
    public function isLost(): bool
    {
        if ($this->variables === null || $this->isLost || microtime(true) - $this->answeredAt < self::SECONDS_OF_TRUST) {
            return $this->isLost;
        }
        try {
            $this->session->execute('DO 0');
            $this->session->wasUsed();
            $this->answeredAt = microtime(true);
        } catch (DatabaseTrouble $trouble) {
            $this->isLost = $trouble->isLoss();
        }
        return $this->isLost;
    }

    /** Restores the connection, and records in $found what the run has left. */
    public function restore(RemainsOfConnections $found): void
    {
        if ($this->isLost) {
            return;
        }
        try {
            $this->tryRestore($found);
        } catch (DatabaseTrouble $trouble) {
            $this->isLost = $trouble->isLoss();
            if (!$this->isLost) {
                $found->stays[] = 'a connection to the database, which says: ' . $trouble->getMessage();
            }
        }
    }

    /** @throws DatabaseTrouble */
    private function tryRestore(RemainsOfConnections $found): void
    {
        if (!$this->session->wasUsed()) {
            return;
        }
        $isOpen = $this->session->isInTransaction();
        if ($this->variables === null) {
            $this->endTransaction($isOpen, $found);
            $found->stays = array_merge($found->stays, $this->session->restoreDriver());
            return;
        }
        try {
            [$isOpenThere, $locks, $answer] = $this->variables->ask();
        } catch (DatabaseTrouble $trouble) {
            $found->openTransactions += $isOpen && $trouble->isLoss() ? 1 : 0;  // the server rolled it back with the connection
            throw $trouble;
        }
        $found->locks += $locks;
        $this->endTransaction($isOpenThere ?? $isOpen, $found);
        $stays = array_merge($this->session->restoreDriver(), $this->variables->restore($answer));
        $found->stays = array_merge($found->stays, $stays);
        $this->session->wasUsed();
        $this->answeredAt = microtime(true);
    }

    /** @throws DatabaseTrouble */
    private function endTransaction(?bool $isOpen, RemainsOfConnections $found): void
    {
        $found->openTransactions += $isOpen ? 1 : 0;
        if ($isOpen !== false || $this->session->isInTransaction()) {  // unknown, or only the driver reports a transaction
            $this->session->rollBack();
        }
    }
}
