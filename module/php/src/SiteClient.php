<?php

namespace TaskQueue;

/**
 * The client of a site whose framework may open its connection anew. It is kept as long as the connection is the same. A
 * task waits when no runner has announced its handler yet.
 */
final class SiteClient
{
    /** @var callable(): (\PDO|\mysqli|TaskQueue) */
    private $source;
    /** @var string */
    private $tablePrefix;
    /** @var string */
    private $wakeDirectory;
    /** @var \PDO|\mysqli|null */
    private $connection;
    /** @var TaskQueue|null */
    private $client;

    /**
     * @param callable(): (\PDO|\mysqli|TaskQueue) $source returns the connection as it is now, or a client
     * @param string $wakeDirectory as for TaskQueue::overDatabase()
     */
    public function __construct(callable $source, string $tablePrefix = 'inp_', string $wakeDirectory = TaskQueue::WAKE_DIRECTORY)
    {
        $this->source = $source;
        $this->tablePrefix = $tablePrefix;
        $this->wakeDirectory = $wakeDirectory;
    }

    public function get(): TaskQueue
    {
        $now = ($this->source)();
        if ($now instanceof TaskQueue) {
            return $now;
        }
        if ($this->client === null || $now !== $this->connection) {
            $park = TaskQueue::PARK_UNKNOWN_HANDLERS;
            $this->client = TaskQueue::overDatabase($now, $this->tablePrefix, $park, $this->wakeDirectory);
            $this->connection = $now;
        }
        return $this->client;
    }

    /** Lets go of the connection, so that the framework can close it. */
    public function forget(): void
    {
        $this->connection = null;
        $this->client = null;
    }
}
