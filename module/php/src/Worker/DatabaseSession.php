<?php

namespace TaskQueue\Worker;

/** The interface to a database session, implemented for PDO and mysqli. */
interface DatabaseSession
{
    /**
     * The first row of the answer, by position.
     *
     * @throws DatabaseTrouble
     */
    public function row(string $sql): array;

    /** @throws DatabaseTrouble */
    public function execute(string $sql): void;

    /** Ends the transaction that is open, also in the eyes of the driver. @throws DatabaseTrouble */
    public function rollBack(): void;

    /** Returns whether the driver thinks that a transaction is open; null if it does not know. */
    public function isInTransaction(): ?bool;

    /** Returns false if the driver knows that nothing was sent since the last call. */
    public function wasUsed(): bool;

    /** Returns true if the server has the variables of MariaDB and MySQL. */
    public function isMySql(): bool;

    /** Puts back what the driver keeps on its own side. @return string[] what cannot be put back */
    public function restoreDriver(): array;
}
