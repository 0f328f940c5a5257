<?php

namespace TaskQueue;

/** Rows of tasks as text for one INSERT. A column in which all of them have its default is left out. */
final class SqlRows
{
    /** The columns besides those of each task, and their defaults in the table. */
    private const DEFAULTS = ['QueuedById' => 0, 'MaxRetries' => 5, 'Queue' => 'default', 'Priority' => 5, 'Title' => '',
        'UniqueKey' => null,
        'ActiveKey' => null, 'UniqueUntil' => null, 'ConcurrencyKey' => null, 'NotifyOn' => 'never', 'NotifyTo' => null,
        'NotifyLanguage' => ''];
    private const OPTION_OF = ['ActiveKey' => 'UniqueKey', 'UniqueUntil' => 'UniqueSeconds'];

    /** @var list<string> */
    public $columns = [];
    /** @var array<int, string> by the position of the task */
    public $rows = [];

    /**
     * Divides the tasks so that each INSERT fits into a packet.
     *
     * @param array<int, NewTask> $tasks
     * @param array<int, HandlerDeclaration> $handlers
     * @return list<self>
     */
    public static function batchesOf(array $tasks, array $handlers, SqlConnection $connection, int $mostBytes): array
    {
        $columns = self::columnsOf($tasks, $handlers);
        $batches = [];
        $bytes = $mostBytes;
        $literals = [];
        foreach ($tasks as $position => $task) {
            $class = $task->taskHandlerClass;
            $literals[$class] = $literals[$class] ?? $connection->literal($class);
            $row = '(' . $literals[$class] . ',' . $connection->literal($task->taskData) . ','
                . ($task->scheduledOn ?? 'UNIX_TIMESTAMP()')
                . ',UNIX_TIMESTAMP()';
            $row .= ($columns === [] ? '' : self::others($task, $handlers[$position], $columns, $connection)) . ')';
            $bytes += strlen($row) + 1;
            if ($bytes > $mostBytes) {
                $batches[] = $batch = new self();
                $batch->columns = $columns;
                $bytes = strlen($row) + 1;
            }
            $batch->rows[$position] = $row;
        }
        return $batches;
    }

    /** Returns the bytes of a text of ASCII as a literal: a driver may put a backslash before some characters. */
    public static function escapedBytes(string $text): int
    {
        return strlen($text) + preg_match_all('/["\'\\\\\n\r\x00\x1A]/', $text);
    }

    /**
     * Returns the columns in which a task differs from the default.
     *
     * @param array<int, NewTask> $tasks
     * @param array<int, HandlerDeclaration> $handlers
     * @return list<string>
     */
    private static function columnsOf(array $tasks, array $handlers): array
    {
        $used = [];
        foreach ($tasks as $position => $task) {
            $handler = $handlers[$position];
            foreach ($task->options === [] ? [] : $handler->optionsOf($task) as $option => $value) {
                $used[$option] = true;
            }
            if ($task->maxRetries !== null || $handler->maxRetries !== self::DEFAULTS['MaxRetries']) {
                $used['MaxRetries'] = true;
            }
            if ($handler->queue !== self::DEFAULTS['Queue'] || $handler->priority !== self::DEFAULTS['Priority']) {
                $used['Queue'] = $used['Priority'] = true;
            }
        }
        return array_values(array_filter(array_keys(self::DEFAULTS), static function (string $column) use ($used): bool {
            return isset($used[self::OPTION_OF[$column] ?? $column]);
        }));
    }

    /** @param list<string> $columns */
    private static function others(NewTask $task, HandlerDeclaration $handler, array $columns, SqlConnection $connection): string
    {
        $declared = ['MaxRetries' => $task->maxRetries ?? $handler->maxRetries, 'Queue' => $handler->queue,
            'Priority' => $handler->priority];
        $options = $handler->optionsOf($task);
        $row = '';
        foreach ($columns as $column) {
            $value = $options[self::OPTION_OF[$column] ?? $column] ?? $declared[$column] ?? self::DEFAULTS[$column];
            if ($value === self::DEFAULTS[$column]) {
                $row .= ',DEFAULT';
            } elseif ($column === 'UniqueUntil') {
                $row .= ',UNIX_TIMESTAMP()+' . (int)$value;
            } else {
                $row .= ',' . (is_int($value) ? $value : $connection->literal((string)$value));
            }
        }
        return $row;
    }
}
