<?php

namespace TaskQueue;

/** Enqueues over the site's own connection, in any error mode. An open transaction includes the task. */
abstract class SqlTransport implements Transport
{
    private const TRIES = 5;
    protected const TOO_MANY_PREPARED = 1461;  // the limit of the server, for all its clients together
    private const SURELY_TAKEN = 16000;  // every server accepts this many bytes of TaskData
    private const OVERHEAD = 8192;  // bytes of the statement besides TaskData
    private const LOST_TO_ANOTHER = [1205, 1213];  // lock wait timeout, deadlock
    // The statements are complete, because completion_type could open another transaction or close the connection.
    private const COMMIT = 'COMMIT AND NO CHAIN NO RELEASE';
    private const ROLLBACK = 'ROLLBACK AND NO CHAIN NO RELEASE';

    private const LOOK_TOOK_TOO_LONG = [1205, 1969];  // lock wait timeout, statement timeout

    /** @var SqlStatements */
    private $statements;
    /** @var bool */
    private $acceptsUnknownHandlers;

    protected function __construct(string $tablePrefix, string $unknownHandlers)
    {
        $this->statements = new SqlStatements($tablePrefix);
        if (!in_array($unknownHandlers, [TaskQueue::REFUSE_UNKNOWN_HANDLERS, TaskQueue::PARK_UNKNOWN_HANDLERS], true)) {
            throw new ArgumentError("What becomes of unknown handlers must be refuse or park, not '$unknownHandlers'.",
                'Use TaskQueue::REFUSE_UNKNOWN_HANDLERS or PARK_UNKNOWN_HANDLERS.', 'unknownHandlers', 'out_of_range');
        }
        $this->acceptsUnknownHandlers = $unknownHandlers === TaskQueue::PARK_UNKNOWN_HANDLERS;
    }

    public function enqueue(array $tasks): array
    {
        return array_map([$this, 'enqueueOne'], $tasks);
    }

    public function find(int $id): ?TaskStatus
    {
        throw new \BadMethodCallException(__METHOD__);
    }

    public function wait(int $id, float $seconds): ?TaskStatus
    {
        throw new \BadMethodCallException(__METHOD__);
    }

    public function cancel(int $id): string
    {
        throw new \BadMethodCallException(__METHOD__);
    }

    public function retry(int $id): string
    {
        throw new \BadMethodCallException(__METHOD__);
    }

    public function list(TaskFilter $filter): TaskList
    {
        throw new \BadMethodCallException(__METHOD__);
    }

    public function runnersAlive(): int
    {
        throw new \BadMethodCallException(__METHOD__);
    }

    public function wake(): void
    {
    }

    private function enqueueOne(NewTask $task): int
    {
        $isOneStatement = !isset($task->options['UniqueKey']);
        $this->checkCharacterSet($task);
        $this->checkSize($task);
        if ($isOneStatement || $this->read($this->statements->isInTransaction(), []) !== 0) {
            return $this->add($task);
        }
        for ($try = 1;; ++$try) {
            $this->execute('START TRANSACTION', []);
            try {
                $id = $this->add($task);
                $this->execute(self::COMMIT, []);
                return $id;
            } catch (\Throwable $problem) {
                $this->execute(self::ROLLBACK, []);
                if ($try === self::TRIES || !in_array($problem->getCode(), self::LOST_TO_ANOTHER, true)) {
                    throw $problem;
                }
            }
        }
    }

    private function add(NewTask $task): int
    {
        $handler = $this->findHandler($task->taskHandlerClass);
        if ($handler === null) {
            throw SqlStatements::unknownHandler($task->taskHandlerClass);
        }
        $teller = TaskOptions::notificationHandler($task->options);
        if ($teller !== null && $this->findHandler($teller) === null) {
            throw new EnqueueError("NotifyOn cannot be heeded: no runner has announced $teller so far.",
                'Start a runner with this handler, or leave NotifyOn out.', 'NotifyOn', 'unknown_handler');
        }
        $values = $this->statements->values($task, $handler);
        for ($try = 1; $try <= self::TRIES; ++$try) {
            $id = $this->execute($this->statements->insert(), $values);
            if ($id < SqlStatements::HELD) {
                return $id;
            }
            $holder = $id - SqlStatements::HELD;
            $replaces = ($task->options['UniqueMode'] ?? 'keep') === 'replace';
            if (!$replaces && $this->read($this->statements->isOver(), [$holder]) !== 1) {
                return $holder;
            }
            $this->supersede($holder);
        }
        throw new UnavailableError("The unique key {$task->options['UniqueKey']} is taken again and again.", 'Try again.', 'UniqueKey', 'key_taken');
    }

    /**
     * Returns MaxRetries, Queue and Priority of the class; null if the class is unknown and unknown classes are
     * refused. A read that takes too long does not refuse the task: the task of an unknown handler waits.
     */
    private function findHandler(string $class): ?array
    {
        try {
            $handler = $this->firstRow($this->statements->findHandler(), [$class]);
        } catch (\RuntimeException $problem) {
            if (!in_array($problem->getCode(), self::LOOK_TOOK_TOO_LONG, true)) {
                throw $problem;
            }
            return SiteHandler::settingsOf($class);
        }
        $isAccepted = $handler !== null || $this->acceptsUnknownHandlers || SiteHandler::exists($class);
        return $isAccepted ? ($handler ?? SiteHandler::settingsOf($class)) : null;
    }

    private function supersede(int $holder): void
    {
        $this->execute($this->statements->supersede(), [$holder]);
        $run = $this->read($this->statements->findScheduledRun(), [$holder]);
        if ($run !== null) {
            $this->execute($this->statements->cancelScheduledRun(), [$run]);
        }
    }

    /** Refuses text outside the connection's character set, which some SQL modes would silently change. */
    private function checkCharacterSet(NewTask $task): void
    {
        $texts = [$task->taskHandlerClass];
        foreach (['Title', 'UniqueKey', 'ConcurrencyKey'] as $option) {
            $texts[] = $task->options[$option] ?? '';
        }
        $text = implode('', $texts);
        if (preg_match('/[^\x00-\x7F]/', $text) !== 1) {
            return;
        }
        $sets = $this->firstRow($this->statements->characterSets(), []) ?? [];
        $safe = preg_match('/[\xF0-\xF4]/', $text) === 1 ? ['utf8mb4'] : ['utf8mb4', 'utf8mb3', 'utf8'];
        if ($sets === [] || array_diff($sets, $safe) !== []) {
            throw new EnqueueError('The connection cannot carry the characters of the Title, a key or the class: its character set is '
                . implode(' and ', array_unique($sets)) . '.', 'Connect with utf8mb4, or use ASCII.', $this->firstBeyond($task), 'character_set');
        }
    }

    private function firstBeyond(NewTask $task): string
    {
        foreach (['Title', 'UniqueKey', 'ConcurrencyKey'] as $option) {
            if (preg_match('/[^\x00-\x7F]/', $task->options[$option] ?? '') === 1) {
                return $option;
            }
        }
        return 'TaskHandlerClass';
    }

    /**
     * The server closes a connection that sends a too large packet, which would end the site's transaction.
     */
    private function checkSize(NewTask $task): void
    {
        if (strlen($task->taskData) < self::SURELY_TAKEN) {
            return;
        }
        // A driver may write the text into the statement, with a backslash before each of these characters.
        $bytes = strlen($task->taskData) + self::OVERHEAD + preg_match_all('/["\'\\\\\n\r\x00\x1A]/', $task->taskData);
        $most = $this->read($this->statements->packetBytes(), []);
        if ($most !== null && $bytes > $most) {
            throw new EnqueueError("TaskData takes $bytes bytes, and the database server takes $most at once.",
                'Make it smaller, or raise max_allowed_packet on the server.', 'TaskData', 'too_large');
        }
    }

    /** Returns the first column of the first row; null if there is no row or the column is NULL. */
    private function read(string $sql, array $values): ?int
    {
        $row = $this->firstRow($sql, $values);
        if ($row !== null && !array_key_exists(0, $row)) {
            throw new \UnexpectedValueException("The connection gave a row without columns for: $sql");
        }
        return isset($row[0]) ? (int)$row[0] : null;
    }

    /** Runs the statement and returns LAST_INSERT_ID(). A \RuntimeException has MariaDB's error number as its code. */
    abstract protected function execute(string $sql, array $values): int;

    /**
     * Returns the first row of the answer or null. Columns are read by position, because a connection may change their
     * names.
     */
    abstract protected function firstRow(string $sql, array $values): ?array;

    protected function problem(int $number, string $message, ?\Throwable $cause): \RuntimeException
    {
        return new UnavailableError("The queue's table could not be used: $message", '', null, 'database', $cause, $number);
    }
}
