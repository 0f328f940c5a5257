<?php

namespace TaskQueue;

/** Rows of tasks as text for one INSERT. A column that none of its tasks needs is left out. */
final class SqlRows
{
    /** The columns that a task may need besides those of each task; a task without the option has the default. */
    private const OPTIONAL = ['Title', 'UniqueKey', 'ActiveKey', 'UniqueUntil', 'ConcurrencyKey', 'NotifyOn', 'NotifyTo', 'NotifyLanguage'];
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
        if ($tasks === []) {
            return [];
        }
        $columns = [];
        $options = [];
        foreach ($tasks as $position => $task) {
            $options[$position] = $handlers[$position]->optionsOf($task);
        }
        foreach (self::OPTIONAL as $column) {
            $option = self::OPTION_OF[$column] ?? $column;
            foreach ($options as $given) {
                if (($given[$option] ?? '') !== '') {
                    $columns[] = $column;
                    break;
                }
            }
        }
        $batches = [];
        $bytes = $mostBytes;
        $literals = [];
        foreach ($tasks as $position => $task) {
            $row = self::row($task, $handlers[$position], $options[$position], $columns, $connection, $literals);
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
     * @param array<string, mixed> $options
     * @param list<string> $columns
     * @param array<string, string> $literals those of texts that many tasks share
     */
    private static function row(NewTask $task, HandlerDeclaration $handler, array $options, array $columns, SqlConnection $connection, array &$literals): string
    {
        $class = $task->taskHandlerClass;
        $queue = $options['Queue'] ?? $handler->queue;
        foreach ([$class, $queue] as $text) {
            if (!isset($literals[$text])) {
                $literals[$text] = $connection->literal($text);
            }
        }
        $row = '(' . $literals[$class] . ',' . $connection->literal($task->taskData) . ',' . ($task->scheduledOn ?? 'UNIX_TIMESTAMP()')
            . ',UNIX_TIMESTAMP(),' . ($options['QueuedById'] ?? 0) . ',' . ($task->maxRetries ?? $handler->maxRetries) . ','
            . $literals[$queue] . ',' . ($options['Priority'] ?? $handler->priority);
        foreach ($columns as $column) {
            $value = $options[self::OPTION_OF[$column] ?? $column] ?? '';
            if ($value === '') {
                $row .= ',DEFAULT';
            } elseif ($column === 'UniqueUntil') {
                $row .= ',UNIX_TIMESTAMP()+' . (int)$value;
            } else {
                $row .= ',' . $connection->literal((string)$value);
            }
        }
        return $row . ')';
    }
}
