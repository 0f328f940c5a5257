<?php

namespace TaskQueue;

/** The queue as the site's code uses it. */
class TaskQueue
{
    /** @var Transport */
    private $transport;

    public function __construct(Transport $transport)
    {
        $this->transport = $transport;
    }

    /**
     * Over the site's own connection: inside its transaction the task exists when, and only when, that is committed.
     *
     * @param \PDO|\mysqli $connection
     */
    public static function overDatabase($connection, string $tablePrefix = 'inp_'): self
    {
        return new self($connection instanceof \PDO
            ? new PdoTransport($connection, $tablePrefix)
            : new MysqliTransport($connection, $tablePrefix));
    }

    /** @param string $baseUrl such as https://site/taskqueue */
    public static function overHttp(string $baseUrl, string $apiToken): self
    {
        return new self(new HttpTransport($baseUrl, $apiToken));
    }

    /**
     * Enqueues a task and returns its Id.
     *
     * @param int|\DateTimeInterface|null $scheduled_on not before this time (unix seconds); null: at once
     * @param int|null $max_retries failed runs after which nothing more is tried; null: 5
     * @param array $options Queue, Priority (0 first … 9 last), UniqueKey (a live task with it stands for the new one),
     *                       Title, QueuedById
     * @throws EnqueueError when the task is refused: nothing was enqueued
     */
    public function addTask(
        string $task_handler_class,
        array $task_data,
        $scheduled_on = null,
        ?int $max_retries = null,
        array $options = []
    ): int {
        return $this->transport->enqueue(
            new NewTask($task_handler_class, $task_data, $scheduled_on, $max_retries, $options)
        );
    }
}
