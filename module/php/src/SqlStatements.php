<?php

namespace TaskQueue;

/**
 * The statements of an enqueue over SQL, the same for every driver. The session is the site's: each says itself what it
 * rests on. LIMIT stands where sql_select_limit could be 0, DEFAULT() where a mode makes NULL of an empty text, and SET
 * STATEMENT, which holds for its one statement, for what the site may have turned for its own purposes.
 */
final class SqlStatements
{
    /** This exceeds every Id, which is a signed INT. */
    public const HELD = 4294967296;
    private const LOOK_SECONDS = 2;

    /** @var string */
    private $prefix;

    public function __construct(string $tablePrefix)
    {
        if (preg_match('/^[A-Za-z0-9_]{0,40}$/', $tablePrefix) !== 1) {
            throw new EnqueueError("'$tablePrefix' is no table prefix.");
        }
        $this->prefix = $tablePrefix;
    }

    /**
     * MaxRetries (0: none), Queue ('': none) and Priority of the class as it was announced last, whether a runner offers
     * it now or not: a task of a handler that is away waits for it. Within a time limit of its own: under SERIALIZABLE a
     * read waits for a runner that is registering, and any read for a change of the table. It looks at no row of runners,
     * which a lock must not keep from writing their heartbeats. Served by the index TaskHandlerClass.
     */
    public function findHandler(): string
    {
        return 'SET STATEMENT max_statement_time = ' . self::LOOK_SECONDS . ', max_join_size = 18446744073709551615 FOR SELECT '
            . "h.MaxRetries, h.Queue, h.Priority FROM {$this->prefix}TaskHandlers h WHERE h.TaskHandlerClass = ? ORDER BY h.Id DESC LIMIT 1";
    }

    public function characterSets(): string
    {
        return 'SELECT @@character_set_client, @@character_set_connection LIMIT 1';
    }

    public function packetBytes(): string
    {
        return 'SELECT @@max_allowed_packet LIMIT 1';
    }

    public function isInTransaction(): string
    {
        return 'SELECT @@in_transaction OR NOT @@autocommit LIMIT 1';
    }

    /**
     * LAST_INSERT_ID() tells the new task's Id, or HELD + the Id of the task that holds the unique key. It comes first,
     * without a look at the key before: a statement that finds no row would lock the gap where it had looked, under
     * REPEATABLE READ and until the site's transaction ends, for every other enqueue.
     */
    public function insert(): string
    {
        return "SET STATEMENT unique_checks = 1 FOR INSERT INTO {$this->prefix}TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, "
            . 'MaxRetries, Queue, Priority, UniqueKey, ActiveKey, UniqueUntil, ConcurrencyKey, Title, NotifyOn, NotifyTo, '
            . 'NotifyLanguage) VALUES (?, ?, COALESCE(?, UNIX_TIMESTAMP()), UNIX_TIMESTAMP(), ?, ?, ?, ?, ?, ?, '
            . 'UNIX_TIMESTAMP() + ?, ?, COALESCE(?, DEFAULT(Title)), ?, ?, COALESCE(?, DEFAULT(NotifyLanguage))) ON DUPLICATE KEY UPDATE Id = '
            . 'IF(LAST_INSERT_ID(Id + ' . self::HELD . ') = 0, Id, Id)';
    }

    /** Returns whether the holder has succeeded and its window is over. */
    public function isOver(): string
    {
        return "SELECT LastStatus = 'success' AND COALESCE(UniqueUntil, 0) <= UNIX_TIMESTAMP() FROM "
            . "{$this->prefix}TaskQueue WHERE Id = ? LIMIT 1 FOR UPDATE";
    }

    /**
     * The new task supersedes the holder. A waiting holder is cancelled, a running one is not retried, an
     * ended one only loses the key. If its end requests a notification, NextRunOn 0 makes a runner see the
     * task and notify.
     */
    public function supersede(): string
    {
        return "UPDATE {$this->prefix}TaskQueue SET Superseded = IF(LastStatus = 'success', Superseded, 1), NextRunOn = "
            . "IF(NotifyOn = 'never' OR LastStatus IN ('success', 'running'), NULL, 0), ParkedReason = DEFAULT(ParkedReason), ActiveKey = NULL, LastStatus = IF(LastStatus IN ('success', 'running'), LastStatus, "
            . "'cancelled') WHERE Id = ?";
    }

    /** The run that the overseer made for it. A plain read, which locks nothing where there is none; what a transaction
     *  with an older view does not see is closed by the overseer's repair. */
    public function findScheduledRun(): string
    {
        return "SELECT Id FROM {$this->prefix}TaskRuns WHERE OpenTaskQueueId = ? AND Status = 'scheduled' LIMIT 1";
    }

    public function cancelScheduledRun(): string
    {
        return "UPDATE {$this->prefix}TaskRuns SET Status = 'cancelled', OpenTaskQueueId = NULL, FinishedOn = "
            . "UNIX_TIMESTAMP() WHERE Id = ? AND Status = 'scheduled'";
    }

    /**
     * The values for insert(), in its order.
     *
     * @param array $handler MaxRetries, Queue and Priority, as findHandler() tells them
     */
    public function values(NewTask $task, array $handler): array
    {
        // A connection may give NULL for an empty text, or the other way round.
        [$maxRetries, $queue, $priority] = $handler;
        $options = $task->options;
        $key = $options['UniqueKey'] ?? null;
        return [
            $task->taskHandlerClass,
            $task->taskData,
            $task->scheduledOn,
            $options['QueuedById'] ?? 0,
            $task->maxRetries ?? ((int)$maxRetries ?: 5),
            $options['Queue'] ?? ((string)$queue !== '' ? $queue : 'default'),
            $options['Priority'] ?? ((string)$priority !== '' ? (int)$priority : 5),
            $key,
            $key,
            $options['UniqueSeconds'] ?? null,
            $options['ConcurrencyKey'] ?? null,
            $options['Title'] ?? '',
            $options['NotifyOn'] ?? 'never',
            $options['NotifyTo'] ?? null,
            $options['NotifyLanguage'] ?? '',
        ];
    }

    public static function unknownHandler(string $class): EnqueueError
    {
        return new EnqueueError("No runner has announced the handler $class so far, and it is no class of the site that implements "
            . ITaskHandler::class . '. TaskQueue::PARK_UNKNOWN_HANDLERS accepts it all the same.');
    }
}
