<?php

namespace TaskQueue;

/** The client with which the site's code enqueues tasks. */
class TaskQueue
{
    /**
     * Decides what happens to a task if its handler is no class of the site and no runner has ever announced
     * it.
     */
    public const REFUSE_UNKNOWN_HANDLERS = 'refuse';
    public const PARK_UNKNOWN_HANDLERS = 'park';  // it waits until a runner announces the handler

    /** @var Transport */
    private $transport;

    public function __construct(Transport $transport)
    {
        $this->transport = $transport;
    }

    /**
     * Over the site's own connection: inside its transaction the task exists when, and only when, that is committed.
     *
     * Only a connection in utf8mb4 can carry a Title or key with characters beyond ASCII. In a SERIALIZABLE transaction a
     * runner that starts cannot register until that ends: let it be short, and set the level for the session. Set for one
     * transaction alone (SET TRANSACTION) it cannot be seen, and then runners that work are kept waiting, too.
     *
     * A handler that runners have announced once, or that is a class of the site, is accepted also while no runner offers
     * it: the task waits. What becomes of other names, $unknownHandlers says; the client reads no configuration.
     *
     * @param \PDO|\mysqli $connection
     * @param string $unknownHandlers REFUSE_UNKNOWN_HANDLERS or PARK_UNKNOWN_HANDLERS
     */
    public static function overDatabase(
        $connection,
        string $tablePrefix = 'inp_',
        string $unknownHandlers = self::REFUSE_UNKNOWN_HANDLERS
    ): self {
        return new self($connection instanceof \PDO
            ? new PdoTransport($connection, $tablePrefix, $unknownHandlers)
            : new MysqliTransport($connection, $tablePrefix, $unknownHandlers));
    }

    /**
     * [enqueue] unknown_handlers of the configuration decides what happens to tasks of handlers that were
     * never announced.
     *
     * @param string $baseUrl such as https://site/taskqueue
     */
    public static function overHttp(string $baseUrl, string $apiToken): self
    {
        return new self(new HttpTransport($baseUrl, $apiToken));
    }

    /**
     * Enqueues a task and returns its Id.
     *
     * @param int|\DateTimeInterface|null $scheduled_on not before this time (unix seconds, at most 10 years ahead);
     *                                                 null: at once
     * @param int|null $max_retries failed runs, 1 to 1000, after which nothing more is tried; null: as the handler
     *                              says, or 5
     * @param array $options Queue, Priority (0 first … 9 last; both: as the handler says, or 'default' and 5), Title,
     *                       QueuedById; UniqueKey, and by UniqueMode what becomes of the new task while another one has
     *                       it: 'keep' (the live one stands for it; the default), 'replace' (the live one is superseded: it
     *                       is cancelled, or not tried again when it runs), 'window' (as keep, and also after its success
     *                       until UniqueSeconds have passed since it was enqueued); ConcurrencyKey (what the handler's
     *                       MaxRunningPerKey counts); NotifyOn ('success', 'failure', 'both': such an end sends a notification)
     *                       with NotifyTo (an e-mail address or the URL of a webhook; the address of QueuedById without it)
     *                       and NotifyLanguage (of the e-mail)
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
