<?php

namespace TaskQueue\Worker;

/** The interface to a database session, implemented for PDO and mysqli. */
interface DatabaseSession
{
    /**
     * Returns the first row of the answer; columns are read by position.
     *
     * @throws DatabaseTrouble
     * @return list<string|null>
     */
    public function row(string $sql): array;

    /** @throws DatabaseTrouble */
    public function execute(string $sql): void;

    /** Ends the open transaction, also in the state of the driver. @throws DatabaseTrouble */
    public function rollBack(): void;

    /** Returns whether the driver thinks that a transaction is open; null if it does not know. */
    public function isInTransaction(): ?bool;

    /** Returns false if the driver knows that nothing was sent since the last call. */
    public function wasUsed(): bool;

    /** Returns true if the server has the variables of MariaDB and MySQL. */
    public function isMySql(): bool;

    /** Restores the driver's own state. @return string[] what cannot be restored */
    public function restoreDriver(): array;
}
