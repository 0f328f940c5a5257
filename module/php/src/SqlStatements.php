<?php

namespace TaskQueue;

/**
 * The SQL statements of an enqueue, for all drivers. The session belongs to the site, so no statement relies on its
 * settings. LIMIT guards against sql_select_limit = 0, and DEFAULT() against a mode that turns an empty text into NULL.
 * SET STATEMENT overrides other settings of the site for one statement.
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
            throw new ArgumentError("'$tablePrefix' is no table prefix.", 'Give at most 40 letters, digits or "_".', 'tablePrefix', 'wrong_text');
        }
        $this->prefix = $tablePrefix;
    }

    /**
     * Reads MaxRetries (0: none), Queue ('': none) and Priority from the last announcement of the class. The class
     * counts even if no runner offers it now: its task waits.
     *
     * The statement has a time limit: a read waits while the table is altered, and under SERIALIZABLE also while a
     * runner registers. It reads no row of TaskRunners, so it never blocks a heartbeat. The index TaskHandlerClass
     * serves it.
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
     * Inserts the task. LAST_INSERT_ID() is then the new task's Id, or HELD + the Id of the task that holds the unique
     * key. The key is not read first: a locking read without a match would lock the gap for all other enqueues, under
     * REPEATABLE READ until the site's transaction ends.
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

    /**
     * Finds the run that the overseer created for the task. This plain read locks nothing. A run that an older
     * transaction view does not show is closed by the overseer's repair.
     */
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
     * Returns the values for insert(), in its order.
     *
     * @param array $handler MaxRetries, Queue and Priority, as findHandler() returns them
     */
    public function values(NewTask $task, array $handler): array
    {
        // A connection may return NULL for an empty text, or the reverse.
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
            . ITaskHandler::class . '.', 'Correct the name or start a runner; TaskQueue::PARK_UNKNOWN_HANDLERS accepts it all the same.',
            'TaskHandlerClass', 'unknown_handler');
    }
}
