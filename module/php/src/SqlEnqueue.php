<?php

namespace TaskQueue;

/** Enqueues over the site's own connection. An open transaction includes the tasks. */
final class SqlEnqueue
{
    private const TRIES = 5;
    private const SURELY_TAKEN = 16000;  // every server accepts this many bytes of TaskData
    private const PLAIN = ['Queue' => 1, 'Priority' => 1, 'QueuedById' => 1];  // options of a task for the plain statement
    private const OVERHEAD = 8192;       // bytes of the statement besides TaskData

    /** @var SqlConnection */
    private $connection;
    /** @var SqlStatements */
    private $statements;
    /** @var HandlerDeclarations */
    private $handlers;
    /** @var SqlTransaction */
    private $transaction;
    /** @var int|null the server's max_allowed_packet, which a session cannot change */
    private $packetBytes;

    public function __construct(SqlConnection $connection, SqlStatements $statements, SqlTransaction $transaction,
        HandlerDeclarations $handlers)
    {
        $this->connection = $connection;
        $this->statements = $statements;
        $this->transaction = $transaction;
        $this->handlers = $handlers;
    }

    /**
     * @param list<NewTask> $tasks
     * @return list<int>
     */
    public function add(array $tasks): array
    {
        foreach ($tasks as $task) {
            $this->checkCharacterSet($task);
            $this->checkSize($task);
        }
        if (count($tasks) === 1 && !isset($tasks[0]->options['UniqueKey'])) {
            return [$this->addOne($tasks[0], $this->accept($tasks[0]))];
        }
        return $this->transaction->run(function () use ($tasks): array {
            if (count($tasks) === 1) {
                return [$this->addOne($tasks[0], $this->accept($tasks[0]))];
            }
            return $this->addMany($tasks);
        });
    }

    /** Returns the declaration of the task's handler. */
    private function accept(NewTask $task): HandlerDeclaration
    {
        try {
            return $this->check($task);
        } catch (EnqueueError $refusal) {
            if (!$this->handlers->forget()) {
                throw $refusal;
            }
        }
        return $this->check($task);
    }

    private function check(NewTask $task): HandlerDeclaration
    {
        $handler = $this->handlers->find($task->taskHandlerClass);
        if ($handler === null) {
            throw SqlStatements::unknownHandler($task->taskHandlerClass);
        }
        $teller = TaskOptions::notificationHandler($task->options);
        if ($teller !== null && $this->handlers->find($teller) === null) {
            throw new EnqueueError("NotifyOn cannot be heeded: no runner has announced $teller so far.",
                'Set ' . ($teller === 'Webhook' ? 'webhook.secret_file' : 'smtp.url') . ' in the configuration of the queue, or leave '
                . 'NotifyOn out.', 'NotifyOn', 'unknown_handler');
        }
        $handler->schema->check($task->taskData);
        return $handler;
    }

    private function addOne(NewTask $task, HandlerDeclaration $handler): int
    {
        $values = SqlStatements::plainValues($task, $handler);
        if ($task->scheduledOn === null && array_diff_key($task->options, self::PLAIN) === []) {
            return $this->connection->execute($this->statements->insertPlain(), $values);
        }
        $values = array_merge($values, SqlStatements::otherValues($task, $handler));
        for ($try = 1; $try <= self::TRIES; ++$try) {
            $id = $this->connection->execute($this->statements->insert(), $values);
            if ($id < SqlStatements::HELD) {
                return $id;
            }
            $holder = $id - SqlStatements::HELD;
            $replaces = ($task->options['UniqueMode'] ?? 'keep') === 'replace';
            if (!$replaces && $this->connection->number($this->statements->isOver(), [$holder]) !== 1) {
                return $holder;
            }
            $this->supersede($holder);
        }
        throw new UnavailableError("The unique key {$task->options['UniqueKey']} is taken again and again.", 'Try again.',
            'UniqueKey', 'key_taken');
    }

    private function supersede(int $holder): void
    {
        $this->connection->execute($this->statements->supersede(), [$holder]);
        $run = $this->connection->number($this->statements->findScheduledRun(), [$holder]);
        if ($run !== null) {
            $this->connection->execute($this->statements->cancelScheduledRun(), [$run]);
        }
    }

    /**
     * @param list<NewTask> $tasks
     * @return list<int>
     */
    private function addMany(array $tasks): array
    {
        self::refuseKeyReplacedTwice($tasks);
        $handlers = [];
        $accepted = [];  // declarations that accept any data, by class
        foreach ($tasks as $position => $task) {
            if (isset($accepted[$task->taskHandlerClass]) && !isset($task->options['NotifyOn'])) {
                $handlers[$position] = $accepted[$task->taskHandlerClass];
                continue;
            }
            try {
                $handlers[$position] = $this->accept($task);
                if ($handlers[$position]->schema->acceptsAll()) {
                    $accepted[$task->taskHandlerClass] = $handlers[$position];
                }
            } catch (EnqueueError $error) {
                throw $error->ofTask($position);
            }
        }
        // A task that replaces another one needs statements of its own.
        $alone = array_filter($tasks, static function (NewTask $task): bool {
            return ($task->options['UniqueMode'] ?? 'keep') === 'replace';
        });
        $ids = [];
        foreach (SqlRows::batchesOf(array_diff_key($tasks, $alone), $handlers, $this->connection,
            $this->mostBytes($tasks)) as $batch) {
            $rows = $this->connection->rowsOfText($this->statements->insertMany($batch->columns, $batch->rows));
            foreach (array_keys($batch->rows) as $number => $position) {
                [$ids[$position], $isOver] = $rows[$number];
                if ((int)$isOver === 1) {
                    $alone[$position] = $tasks[$position];
                }
            }
        }
        ksort($alone);
        foreach ($alone as $position => $task) {
            $ids[$position] = $this->addOne($task, $handlers[$position]);
        }
        ksort($ids);
        return array_map('intval', $ids);
    }

    /**
     * The intended order of such tasks is unknown.
     *
     * @param list<NewTask> $tasks
     */
    private static function refuseKeyReplacedTwice(array $tasks): void
    {
        $seen = [];
        foreach ($tasks as $position => $task) {
            $key = $task->options['UniqueKey'] ?? null;
            if ($key === null) {
                continue;
            }
            if (isset($seen["k$key"]) && ($task->options['UniqueMode'] ?? 'keep') === 'replace') {
                $error = new EnqueueError('UniqueKey is used by another task of this call, so that it cannot be told which '
                    . 'one is to replace which.',
                    'Add them one after another.', 'UniqueKey', 'key_taken');
                throw $error->ofTask($position);
            }
            $seen["k$key"] = true;
        }
    }

    /** Refuses text outside the connection's character set, which some SQL modes would silently change. */
    private function checkCharacterSet(NewTask $task): void
    {
        $options = $task->options;
        $text = $task->taskHandlerClass . ($options['Title'] ?? '') . ($options['UniqueKey'] ?? '')
            . ($options['ConcurrencyKey'] ?? '');
        if (preg_match('/[^\x00-\x7F]/', $text) !== 1) {
            return;
        }
        $sets = $this->connection->rows($this->statements->characterSets())[0] ?? [];
        $safe = preg_match('/[\xF0-\xF4]/', $text) === 1 ? ['utf8mb4'] : ['utf8mb4', 'utf8mb3', 'utf8'];
        if ($sets === [] || array_diff($sets, $safe) !== []) {
            throw new EnqueueError('The connection cannot carry the characters of the Title, a key or the class: its '
                . 'character set is '
                . implode(' and ', array_unique($sets)) . '.', 'Connect with utf8mb4, or use ASCII.',
                self::firstBeyondAscii($task), 'character_set');
        }
    }

    private static function firstBeyondAscii(NewTask $task): string
    {
        foreach (['Title', 'UniqueKey', 'ConcurrencyKey'] as $option) {
            if (preg_match('/[^\x00-\x7F]/', $task->options[$option] ?? '') === 1) {
                return $option;
            }
        }
        return 'TaskHandlerClass';
    }

    /** The server closes a connection that sends a too large packet, which would end the site's transaction. */
    private function checkSize(NewTask $task): void
    {
        if (strlen($task->taskData) < self::SURELY_TAKEN) {
            return;
        }
        $bytes = SqlRows::escapedBytes($task->taskData) + self::OVERHEAD;
        $most = $this->packetBytes();
        if ($most !== null && $bytes > $most) {
            throw new EnqueueError("TaskData takes $bytes bytes, and the database server takes $most at once.",
                'Make it smaller, or raise max_allowed_packet on the server.', 'TaskData', 'too_large');
        }
    }

    /**
     * Returns the most bytes of rows in one statement.
     *
     * @param list<NewTask> $tasks
     */
    private function mostBytes(array $tasks): int
    {
        $bytes = 0;
        foreach ($tasks as $task) {
            $bytes += strlen($task->taskData);
        }
        // Small tasks fit into the least packet that a server can be set to only when they are few, so the server is asked.
        $most = $bytes < self::SURELY_TAKEN && count($tasks) < 16 ? null : $this->packetBytes();
        return ($most ?? 2 * self::SURELY_TAKEN + self::OVERHEAD) - self::OVERHEAD;
    }

    private function packetBytes(): ?int
    {
        return $this->packetBytes = $this->packetBytes ?? $this->connection->number($this->statements->packetBytes());
    }
}
