<?php

namespace TaskQueue;

/** The statements of an enqueue over SQL, the same for every driver. */
final class SqlStatements
{
    /** @var string */
    private $prefix;

    public function __construct(string $tablePrefix)
    {
        if (preg_match('/^[A-Za-z0-9_]{0,40}$/', $tablePrefix) !== 1) {
            throw new EnqueueError("'$tablePrefix' is no table prefix.");
        }
        $this->prefix = $tablePrefix;
    }

    /** MaxRetries (0: none), Queue ('': none) and Priority of the class as a living runner has announced it, or, when
     *  none lives, the last one. */
    public function findHandler(): string
    {
        return "SELECT h.MaxRetries, h.Queue, h.Priority FROM {$this->prefix}TaskHandlers h JOIN {$this->prefix}TaskRunners n "
            . "ON n.Id = h.TaskRunnerId WHERE h.TaskHandlerClass = ? AND (n.Status = 'running' OR (n.Id = (SELECT MAX(x.Id) "
            . "FROM {$this->prefix}TaskRunners x) AND NOT EXISTS (SELECT 1 FROM {$this->prefix}TaskRunners y WHERE y.Status = "
            . "'running'))) LIMIT 1";
    }

    /** Whether the statements of one enqueue need a transaction of their own: the connection has none open. */
    public function isInTransaction(): string
    {
        return 'SELECT @@in_transaction';
    }

    /** Whoever holds the key gives way: what waits is cancelled, what runs is not tried again, what has ended loses the key.
     *  Without $always only a success whose window is over does. */
    public function giveWay(bool $always): string
    {
        return "UPDATE {$this->prefix}TaskQueue t LEFT JOIN {$this->prefix}TaskRuns r ON r.OpenTaskQueueId = t.Id SET "
            . "t.Superseded = IF(t.LastStatus = 'success', t.Superseded, 1), t.NextRunOn = NULL, t.ParkedReason = '', "
            . "t.ActiveKey = NULL, t.LastStatus = IF(t.LastStatus = 'success' OR r.Status = 'running', t.LastStatus, "
            . "'cancelled'), r.FinishedOn = IF(r.Status = 'scheduled', UNIX_TIMESTAMP(), r.FinishedOn), "
            . "r.OpenTaskQueueId = IF(r.Status = 'scheduled', NULL, r.OpenTaskQueueId), "
            . "r.Status = IF(r.Status = 'scheduled', 'cancelled', r.Status) WHERE t.ActiveKey = ?"
            . ($always ? '' : " AND t.LastStatus = 'success' AND COALESCE(t.UniqueUntil, 0) <= UNIX_TIMESTAMP()");
    }

    /** Of a task that holds the unique key, LAST_INSERT_ID() tells the Id as well. */
    public function insert(): string
    {
        return "INSERT INTO {$this->prefix}TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, "
            . 'MaxRetries, Queue, Priority, UniqueKey, ActiveKey, UniqueUntil, ConcurrencyKey, Title) VALUES (?, ?, COALESCE(?, '
            . 'UNIX_TIMESTAMP()), UNIX_TIMESTAMP(), ?, ?, ?, ?, ?, ?, UNIX_TIMESTAMP() + ?, ?, ?) ON DUPLICATE KEY UPDATE Id = '
            . 'LAST_INSERT_ID(Id)';
    }

    /**
     * The values for insert(), in its order.
     *
     * @param array $handler what findHandler() found
     */
    public function values(NewTask $task, array $handler): array
    {
        [$maxRetries, $queue, $priority] = array_values($handler);
        $options = $task->options;
        $key = $options['UniqueKey'] ?? null;
        return [
            $task->taskHandlerClass,
            $task->taskData,
            $task->scheduledOn,
            $options['QueuedById'] ?? 0,
            $task->maxRetries ?? ((int)$maxRetries ?: 5),
            $options['Queue'] ?? ($queue !== '' ? $queue : 'default'),
            $options['Priority'] ?? $priority ?? 5,
            $key,
            $key,
            $options['UniqueSeconds'] ?? null,
            $options['ConcurrencyKey'] ?? null,
            $options['Title'] ?? '',
        ];
    }

    public static function unknownHandler(string $class): EnqueueError
    {
        return new EnqueueError("No runner has announced the handler $class.");
    }
}
