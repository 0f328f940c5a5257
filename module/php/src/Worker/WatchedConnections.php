<?php

namespace TaskQueue\Worker;

/** The database connections that the site uses in more than one run. */
final class WatchedConnections
{
    /** @var array<int, WatchedConnection> by spl_object_id */
    private $watched = [];
    /** @var array<int, \WeakReference> connections that must not be used, by spl_object_id */
    private $excluded = [];

    /**
     * Watches the connection. Returns false if it does not answer; it is not watched then.
     *
     * @param \PDO|\mysqli $connection
     */
    public function add($connection): bool
    {
        $id = spl_object_id($connection);
        if ($this->has($connection) || (isset($this->excluded[$id]) && $this->excluded[$id]->get() === $connection)) {
            return true;
        }
        try {
            $this->watched[$id] = new WatchedConnection($connection);
        } catch (DatabaseTrouble $trouble) {
            return false;
        }
        return true;
    }

    private function has($connection): bool
    {
        $id = spl_object_id($connection);
        return isset($this->watched[$id]) && $this->watched[$id]->get() === $connection;
    }

    public function count(): int
    {
        $this->forgetClosed();
        return count($this->watched);
    }

    /**
     * Watches the connections that are found from $roots.
     *
     * @param array<mixed> $roots
     */
    public function search(array $roots): void
    {
        foreach ((new ConnectionSearch())->find($roots) as $connection) {
            $this->add($connection);
        }
    }

    /** Rolls back the transactions that the bootstrap file left open. Returns their number. */
    public function rollBack(): int
    {
        $count = 0;
        foreach ($this->watched as $connection) {
            try {
                $count += $connection->rollBack() ? 1 : 0;
            } catch (DatabaseTrouble $trouble) {
                StandardStreams::writeError('PHP: a connection to the database: ' . $trouble->getMessage() . "\n");
            }
        }
        return $count;
    }

    /** @return array<\PDO|\mysqli> connections that the server has closed; they are no longer watched */
    public function takeLost(): array
    {
        $lost = [];
        $this->forgetClosed();
        foreach ($this->watched as $id => $connection) {
            if ($connection->isLost()) {
                $lost[] = $connection->get();
                unset($this->watched[$id]);
            }
        }
        return $lost;
    }

    /** Returns whether the site has closed a connection since the last call. */
    public function haveClosed(): bool
    {
        $before = count($this->watched);
        return $this->count() < $before;
    }

    /** Restores all connections. */
    public function restore(): RemainsOfConnections
    {
        $found = new RemainsOfConnections();
        $this->forgetClosed();
        foreach ($this->watched as $connection) {
            $connection->restore($found);
        }
        return $found;
    }

    /** Call this in a fork: the parent's connections must not be used there. */
    public function exclude(): void
    {
        foreach ($this->watched as $id => $connection) {
            $this->excluded[$id] = \WeakReference::create($connection->get());
        }
        $this->watched = [];
    }

    private function forgetClosed(): void
    {
        foreach ($this->watched as $id => $connection) {
            if ($connection->get() === null) {
                unset($this->watched[$id]);
            }
        }
    }
}
