<?php

namespace TaskQueue\Worker;

/** The connections to databases that the site uses in more than one run. */
final class WatchedConnections
{
    /** @var array<int, WatchedConnection> by spl_object_id */
    private $watched = [];
    /** @var array<int, \WeakReference> connections that are not to be asked, by spl_object_id */
    private $excluded = [];

    /**
     * False when it does not answer, and so is not watched.
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

    /** Adds those that are found from $roots. */
    public function search(array $roots): void
    {
        foreach ((new ConnectionSearch())->find($roots) as $connection) {
            $this->add($connection);
        }
    }

    /** The transactions that the bootstrap has left open are rolled back. Returns how many there were. */
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

    /** @return array<\PDO|\mysqli> those that the server has closed; they are watched no longer */
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

    /** True when the site has closed one since the last call. */
    public function haveClosed(): bool
    {
        $before = count($this->watched);
        return $this->count() < $before;
    }

    /** Puts all back as they were. */
    public function restore(): RemainsOfConnections
    {
        $found = new RemainsOfConnections();
        $this->forgetClosed();
        foreach ($this->watched as $connection) {
            $connection->restore($found);
        }
        return $found;
    }

    /** In a fork: what its parent uses is not asked here. */
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
