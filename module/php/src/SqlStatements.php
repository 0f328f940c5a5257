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

    /** One row when a living runner has announced the class, or when none lives and the last one had. */
    public function findHandler(): string
    {
        return "SELECT 1 FROM {$this->prefix}TaskHandlers h JOIN {$this->prefix}TaskRunners n ON n.Id = h.TaskRunnerId "
            . "WHERE h.TaskHandlerClass = ? AND (n.Status = 'running' OR (n.Id = (SELECT MAX(x.Id) FROM "
            . "{$this->prefix}TaskRunners x) AND NOT EXISTS (SELECT 1 FROM {$this->prefix}TaskRunners y WHERE y.Status = "
            . "'running'))) LIMIT 1";
    }

    /** Of a live task with the unique key, LAST_INSERT_ID() tells the Id as well. */
    public function insert(): string
    {
        return "INSERT INTO {$this->prefix}TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, "
            . 'MaxRetries, Queue, Priority, UniqueKey, ActiveKey, Title) VALUES (?, ?, COALESCE(?, UNIX_TIMESTAMP()), '
            . 'UNIX_TIMESTAMP(), ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE Id = LAST_INSERT_ID(Id)';
    }

    /** The values for insert(), in its order. */
    public function values(NewTask $task): array
    {
        $options = $task->options;
        $key = $options['UniqueKey'] ?? null;
        return [
            $task->taskHandlerClass,
            $task->taskData,
            $task->scheduledOn,
            $options['QueuedById'] ?? 0,
            $task->maxRetries,
            $options['Queue'] ?? 'default',
            $options['Priority'] ?? 5,
            $key,
            $key,
            $options['Title'] ?? '',
        ];
    }

    public static function unknownHandler(string $class): EnqueueError
    {
        return new EnqueueError("No runner has announced the handler $class.");
    }
}
