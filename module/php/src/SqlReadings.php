<?php

namespace TaskQueue;

/** Reads tasks over the site's own connection. Texts are read as bytes of UTF-8, whatever the connection's character set. */
final class SqlReadings
{
    private const TASK = ['Id', 'TaskHandlerClass', 'ScheduledOn', 'QueuedOn', 'QueuedById', 'LastStatus', 'MaxRetries', 'TaskRunsFailed',
        'Queue', 'Priority', 'NextRunOn', 'UniqueKey', 'ConcurrencyKey', 'Superseded', 'Title', 'ParkedReason'];
    private const RUN = ['Attempt', 'StartedOn', 'FinishedOn', 'PercentsCompleted', 'ProgressNote', 'Results', 'Status', 'ErrorCode',
        'ErrorMessage', 'CancelRequestedOn'];
    private const TEXTS = ['TaskHandlerClass', 'Queue', 'UniqueKey', 'ConcurrencyKey', 'Title', 'ParkedReason', 'ProgressNote', 'Results',
        'ErrorCode', 'ErrorMessage'];
    private const CONDITIONS = [
        'LastStatus' => 't.LastStatus = ?',
        'TaskHandlerClass' => 't.TaskHandlerClass = ?',
        'Queue' => 't.Queue = ?',
        'q' => 't.Title LIKE ? ESCAPE \'!\'',
        'ErrorCode' => '(SELECT r.ErrorCode FROM {p}TaskRuns r WHERE r.TaskQueueId = t.Id ORDER BY r.Attempt DESC LIMIT 1) = ?',
        'QueuedFrom' => 't.QueuedOn >= ?',
        'QueuedUntil' => 't.QueuedOn <= ?',
    ];
    private const BATCH = 5000;          // rows that one statement of a list searches
    private const LIST_SECONDS = 1;      // a list that takes longer returns what it has found
    private const UNLIMITED = 'SET STATEMENT max_join_size = 18446744073709551615 FOR ';

    /** @var SqlConnection */
    private $connection;
    /** @var string */
    private $prefix;
    /** @var SqlTransaction */
    private $transaction;

    public function __construct(SqlConnection $connection, string $prefix, SqlTransaction $transaction)
    {
        $this->connection = $connection;
        $this->prefix = $prefix;
        $this->transaction = $transaction;
    }

    public function find(int $id): ?TaskStatus
    {
        $columns = self::columns('t', self::TASK) . ', CAST(t.TaskData AS BINARY), ' . self::columns('r', self::RUN);
        $row = $this->connection->rows(self::UNLIMITED . "SELECT $columns FROM {$this->prefix}TaskQueue t LEFT JOIN {$this->prefix}TaskRuns r ON "
            . "r.Id = (SELECT n.Id FROM {$this->prefix}TaskRuns n WHERE n.TaskQueueId = t.Id ORDER BY n.Attempt DESC, n.Id DESC LIMIT 1) "
            . 'WHERE t.Id = ? LIMIT 1', [$id])[0] ?? null;
        if ($row === null) {
            return null;
        }
        $task = self::named(self::TASK, $row);
        $task['TaskData'] = json_decode((string)$row[count(self::TASK)], true);
        $run = self::named(self::RUN, array_slice($row, count(self::TASK) + 1));
        $run['Results'] = json_decode((string)$run['Results'], true);
        $waits = (string)$task['NextRunOn'] !== '' || (string)$task['ParkedReason'] !== '';
        return new TaskStatus($task, $run, $waits ? $this->waitReason($task) : null);
    }

    public function list(TaskFilter $filter): TaskList
    {
        $conditions = '';
        $values = [];
        foreach (self::CONDITIONS as $member => $condition) {
            if (isset($filter->members[$member])) {
                $conditions .= ' AND ' . str_replace('{p}', $this->prefix, $condition);
                $value = $filter->members[$member];
                $values[] = $member === 'q' ? '%' . strtr((string)$value, ['!' => '!!', '%' => '!%', '_' => '!_']) . '%' : $value;
            }
        }
        $after = $filter->members['after'] ?? 2147483648;
        $end = microtime(true) + self::LIST_SECONDS;
        $tasks = [];
        do {
            $last = $this->connection->number($this->endOfBatch($filter), $this->valuesOfBatch($filter, $after));
            $most = $filter->limit + 1 - count($tasks);
            $sql = self::UNLIMITED . 'SELECT ' . self::columns('t', self::TASK) . " FROM {$this->prefix}TaskQueue t WHERE t.Id < ? AND t.Id >= ?"
                . "$conditions ORDER BY t.Id DESC LIMIT $most";
            foreach ($this->connection->rows($sql, array_merge([$after, (int)$last], $values)) as $row) {
                $tasks[] = new TaskStatus(self::named(self::TASK, $row));
            }
            $after = $last;
        } while ($last !== null && count($tasks) <= $filter->limit && microtime(true) < $end);
        if (count($tasks) > $filter->limit) {
            array_pop($tasks);
            $after = end($tasks)->id;
        }
        return new TaskList($tasks, $after);
    }

    /**
     * @throws UseError in a SERIALIZABLE transaction, in which each row that is read is locked: a runner could not
     *     write its heartbeat
     */
    public function runnersAlive(): int
    {
        if ($this->transaction->isSerializable()) {
            throw new UseError('runnersAlive() cannot be used in a SERIALIZABLE transaction: it would lock the runners.', 'Commit first.', null,
                'in_transaction');
        }
        return (int)$this->connection->number("SELECT COUNT(*) FROM {$this->prefix}TaskRunners WHERE Status = 'running' AND "
            . 'LastHeartbeatOn >= UNIX_TIMESTAMP() - ' . Transport::ALIVE_SECONDS . ' LIMIT 1');
    }

    /** Returns the statement that reads the last Id of a batch; the index of LastStatus serves a list of one status. */
    private function endOfBatch(TaskFilter $filter): string
    {
        $condition = isset($filter->members['LastStatus']) ? 'LastStatus = ? AND ' : '';
        return "SELECT Id FROM {$this->prefix}TaskQueue WHERE {$condition}Id < ? ORDER BY Id DESC LIMIT " . (self::BATCH - 1) . ', 1';
    }

    /** @return list<int|string> */
    private function valuesOfBatch(TaskFilter $filter, int $after): array
    {
        return isset($filter->members['LastStatus']) ? [$filter->members['LastStatus'], $after] : [$after];
    }

    /**
     * In a SERIALIZABLE transaction the runners are not read, because that would lock them.
     *
     * @param array<string, mixed> $task
     * @return array{Code: string, Text: string}|null
     */
    private function waitReason(array $task): ?array
    {
        if ($this->transaction->isSerializable()) {
            return null;
        }
        return WaitReason::of($task, WaitFacts::read($this->connection, $this->prefix, $task));
    }

    /** @param list<string> $names */
    private static function columns(string $table, array $names): string
    {
        return implode(', ', array_map(static function (string $name) use ($table): string {
            return in_array($name, self::TEXTS, true) ? "CAST($table.$name AS BINARY)" : "$table.$name";
        }, $names));
    }

    /**
     * @param list<string> $names
     * @param list<mixed> $row
     * @return array<string, mixed>
     */
    private static function named(array $names, array $row): array
    {
        return array_combine($names, array_slice($row, 0, count($names)));
    }
}
