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
    /** Stands before a statement that may read many rows. */
    public const ANY_SIZE = 'SET STATEMENT max_join_size = 18446744073709551615 FOR ';
    private const LOOK_SECONDS = 2;
    private const IS_OVER = "LastStatus = 'success' AND COALESCE(UniqueUntil, 0) <= UNIX_TIMESTAMP()";

    /** @var string */
    private $prefix;

    public function __construct(string $tablePrefix)
    {
        if (preg_match('/^[A-Za-z0-9_]{0,40}$/', $tablePrefix) !== 1) {
            throw new ArgumentError("'$tablePrefix' is no table prefix.", 'Give at most 40 letters, digits or "_".',
                'tablePrefix', 'wrong_text');
        }
        $this->prefix = $tablePrefix;
    }

    /**
     * Reads MaxRetries (0: none), Queue ('': none), Priority and DataSchema from the last announcement of the class. The
     * class counts even if no runner offers it now: its task waits.
     *
     * The statement has a time limit: a read waits while the table is altered, and under SERIALIZABLE also while a
     * runner registers. It reads no row of TaskRunners, so it never blocks a heartbeat. The index TaskHandlerClass
     * serves it.
     */
    public function findHandler(): string
    {
        return 'SET STATEMENT max_statement_time = ' . self::LOOK_SECONDS . ', max_join_size = 18446744073709551615 FOR SELECT '
            . "h.MaxRetries, h.Queue, h.Priority, CAST(h.DataSchema AS BINARY), h.UniqueSeconds FROM "
            . "{$this->prefix}TaskHandlers h WHERE h.TaskHandlerClass = ? ORDER BY h.Id DESC LIMIT 1";
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

    /** The old name of the variable is understood by each version of MariaDB. */
    public function isSerializable(): string
    {
        return "SELECT (@@in_transaction OR NOT @@autocommit) AND @@tx_isolation = 'SERIALIZABLE' LIMIT 1";
    }

    /** Inserts a task that is due at once and has none of the other columns. */
    public function insertPlain(): string
    {
        return "INSERT INTO {$this->prefix}TaskQueue (TaskHandlerClass, TaskData, QueuedById, MaxRetries, Queue, Priority, "
            . "ScheduledOn, "
            . 'QueuedOn) VALUES (?, ?, ?, ?, ?, ?, UNIX_TIMESTAMP(), UNIX_TIMESTAMP())';
    }

    /**
     * Inserts the task. LAST_INSERT_ID() is then the new task's Id, or HELD + the Id of the task that holds the unique
     * key. The key is not read first: a locking read without a match would lock the gap for all other enqueues, under
     * REPEATABLE READ until the site's transaction ends.
     */
    public function insert(): string
    {
        return "SET STATEMENT unique_checks = 1 FOR INSERT INTO {$this->prefix}TaskQueue (TaskHandlerClass, TaskData, "
            . 'QueuedById, MaxRetries, Queue, Priority, QueuedOn, ScheduledOn, Title, UniqueKey, ActiveKey, UniqueUntil, '
            . 'ConcurrencyKey, '
            . 'NotifyOn, NotifyTo, NotifyLanguage) VALUES (?, ?, ?, ?, ?, ?, UNIX_TIMESTAMP(), COALESCE(?, UNIX_TIMESTAMP()), '
            . 'COALESCE(?, DEFAULT(Title)), ?, ?, UNIX_TIMESTAMP() + ?, ?, ?, ?, COALESCE(?, DEFAULT(NotifyLanguage))) '
            . 'ON DUPLICATE KEY UPDATE Id = IF(LAST_INSERT_ID(Id + ' . self::HELD . ') = 0, Id, Id)';
    }

    /**
     * Inserts many tasks. Each row of the answer has an Id: that of the new task, or of the live one that holds its key.
     * The second column is 1 if that one has succeeded and its window is over.
     *
     * The clause sets no Id: MariaDB would go on from that one, with Ids that other clients already have.
     *
     * @param string[] $columns besides those of each task
     * @param string[] $rows
     */
    public function insertMany(array $columns, array $rows): string
    {
        $columns = array_merge(['TaskHandlerClass', 'TaskData', 'ScheduledOn', 'QueuedOn'], $columns);
        $insert = "INSERT INTO {$this->prefix}TaskQueue (" . implode(', ', $columns) . ') VALUES ' . implode(',', $rows);
        if (!in_array('ActiveKey', $columns, true)) {
            return "$insert RETURNING Id, 0";
        }
        return "SET STATEMENT unique_checks = 1 FOR $insert ON DUPLICATE KEY UPDATE Superseded = Superseded "
            . 'RETURNING Id, ' . self::IS_OVER;
    }

    /** Returns whether the holder has succeeded and its window is over. */
    public function isOver(): string
    {
        return 'SELECT ' . self::IS_OVER . " FROM {$this->prefix}TaskQueue WHERE Id = ? LIMIT 1 FOR UPDATE";
    }

    /**
     * The new task supersedes the holder. A waiting holder is cancelled, a running one is not retried, an
     * ended one only loses the key. If its end requests a notification, NextRunOn 0 makes a runner see the
     * task and notify.
     */
    public function supersede(): string
    {
        return "UPDATE {$this->prefix}TaskQueue SET Superseded = IF(LastStatus = 'success', Superseded, 1), NextRunOn = "
            . "IF(NotifyOn = 'never' OR LastStatus IN ('success', 'running'), NULL, 0), ParkedReason = DEFAULT(ParkedReason), "
            . "ActiveKey = NULL, LastStatus = IF(LastStatus IN ('success', 'running'), LastStatus, "
            . "'cancelled') WHERE Id = ?";
    }

    /**
     * Finds the run that the overseer created for the task. This plain read locks nothing. A run that an older
     * transaction view does not show is closed by the overseer's repair.
     */
    public function findScheduledRun(): string
    {
        return self::ANY_SIZE . "SELECT Id FROM {$this->prefix}TaskRuns WHERE OpenTaskQueueId = ? AND Status = 'scheduled' "
            . "LIMIT 1";
    }

    public function cancelScheduledRun(): string
    {
        return "UPDATE {$this->prefix}TaskRuns SET Status = 'cancelled', OpenTaskQueueId = NULL, FinishedOn = "
            . "UNIX_TIMESTAMP() WHERE Id = ? AND Status = 'scheduled'";
    }

    public function hasTask(): string
    {
        return "SELECT Id FROM {$this->prefix}TaskQueue WHERE Id = ? LIMIT 1";
    }

    public function lockTask(): string
    {
        return "SELECT LastStatus, NextRunOn IS NOT NULL OR ParkedReason <> '' FROM {$this->prefix}TaskQueue WHERE Id = ? "
            . "LIMIT 1 FOR UPDATE";
    }

    /** The caller has read the task as running, so this finds a row and locks no gap. */
    public function lockRunningRun(): string
    {
        return self::ANY_SIZE . "SELECT Id FROM {$this->prefix}TaskRuns WHERE OpenTaskQueueId = ? AND Status = 'running' "
            . "LIMIT 1 FOR UPDATE";
    }

    public function requestCancel(): string
    {
        return "UPDATE {$this->prefix}TaskRuns SET CancelRequestedOn = COALESCE(CancelRequestedOn, UNIX_TIMESTAMP()) WHERE Id "
            . "= ? "
            . "AND Status = 'running'";
    }

    /** As in supersede(), NextRunOn 0 makes a runner see the task and notify. */
    public function cancelTask(): string
    {
        return "UPDATE {$this->prefix}TaskQueue SET LastStatus = 'cancelled', NextRunOn = IF(NotifyOn = 'never', NULL, 0), "
            . 'ActiveKey = NULL, ParkedReason = DEFAULT(ParkedReason) WHERE Id = ?';
    }

    /** A locking read would lock the gap for the runs of other tasks. */
    public function newestEndedAttempt(): string
    {
        return self::ANY_SIZE . "SELECT MAX(Attempt) FROM {$this->prefix}TaskRuns WHERE TaskQueueId = ? AND OpenTaskQueueId "
            . "IS NULL LIMIT 1";
    }

    /** A task that has succeeded gives up the key of the retried task once its UniqueUntil is over. */
    public function freeKeyOfEndedWindow(): string
    {
        return self::ANY_SIZE . "UPDATE {$this->prefix}TaskQueue t STRAIGHT_JOIN {$this->prefix}TaskQueue o ON "
            . "o.ActiveKey = t.UniqueKey SET o.ActiveKey = NULL WHERE t.Id = ? AND o.Id <> t.Id AND o.LastStatus = 'success' AND "
            . 'COALESCE(o.UniqueUntil, 0) <= UNIX_TIMESTAMP()';
    }

    /**
     * The task may be claimed with all its tries: at once, or when a cancelled task was to run. A claim makes its run.
     * NextRunOn comes first because it reads the former LastStatus.
     */
    public function startAnew(): string
    {
        return "SET STATEMENT unique_checks = 1 FOR UPDATE {$this->prefix}TaskQueue SET "
            . "NextRunOn = IF(LastStatus = 'cancelled' AND ScheduledOn > UNIX_TIMESTAMP(), ScheduledOn, UNIX_TIMESTAMP()), "
            . "LastStatus = 'scheduled', "
            . 'TaskRunsFailed = 0, ActiveKey = UniqueKey, Superseded = 0, ParkedReason = DEFAULT(ParkedReason), '
            . 'NotificationTaskId = NULL, '
            . 'ForgivenAttempt = ? WHERE Id = ?';
    }

    public function clearCancelRequest(): string
    {
        return "UPDATE {$this->prefix}TaskRuns SET CancelRequestedOn = NULL WHERE Id = ? AND Status = 'scheduled'";
    }

    public function recordAudit(): string
    {
        return "INSERT INTO {$this->prefix}TaskQueueAudit (ChangedOn, ChangedBy, Source, Action, TaskQueueId, Detail) VALUES "
            . "(UNIX_TIMESTAMP(), 'site', 'php', ?, ?, COALESCE(?, DEFAULT(Detail)))";
    }

    /**
     * Returns the values for insertPlain(), in its order.
     *
     * @return list<int|string|null>
     */
    public static function plainValues(NewTask $task, HandlerDeclaration $handler): array
    {
        $options = $task->options;
        return [
            $task->taskHandlerClass,
            $task->taskData,
            $options['QueuedById'] ?? 0,
            $task->maxRetries ?? $handler->maxRetries,
            $options['Queue'] ?? $handler->queue,
            $options['Priority'] ?? $handler->priority,
        ];
    }

    /**
     * Returns the values for insert() that follow those of insertPlain().
     *
     * @return list<int|string|null>
     */
    public static function otherValues(NewTask $task, HandlerDeclaration $handler): array
    {
        $options = $handler->optionsOf($task);
        $key = $options['UniqueKey'] ?? null;
        return [
            $task->scheduledOn,
            $options['Title'] ?? '',
            $key,
            $key,
            $options['UniqueSeconds'] ?? null,
            $options['ConcurrencyKey'] ?? null,
            $options['NotifyOn'] ?? 'never',
            $options['NotifyTo'] ?? null,
            $options['NotifyLanguage'] ?? '',
        ];
    }

    public static function unknownHandler(string $class): EnqueueError
    {
        return new EnqueueError("No runner has announced the handler $class so far, and it is no class of the site that "
            . "implements "
            . ITaskHandler::class . '.', 'Correct the name or start a runner; TaskQueue::PARK_UNKNOWN_HANDLERS accepts it all '
            . 'the same.',
            'TaskHandlerClass', 'unknown_handler');
    }
}
