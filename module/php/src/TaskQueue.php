<?php

namespace TaskQueue;

/**
 * The client with which the site's code enqueues tasks and follows them. Its exceptions implement ClientError.
 *
 * @phpstan-import-type Options from TaskOptions
 */
class TaskQueue
{
    /**
     * Decides what happens to a task if its handler is no class of the site and no runner has ever announced
     * it.
     */
    public const REFUSE_UNKNOWN_HANDLERS = 'refuse';
    public const PARK_UNKNOWN_HANDLERS = 'park';  // the task waits until a runner announces the handler

    public const WAKE_DIRECTORY = '/var/lib/taskqueue/wake';  // as `taskqueue attach` writes it
    public const MOST_SECONDS_TO_WAIT = 3600;

    /** @var Transport */
    private $transport;

    public function __construct(Transport $transport)
    {
        $this->transport = $transport;
    }

    /**
     * Enqueues over the site's own connection. Inside a transaction of the site, the task exists if and only if the
     * transaction commits.
     *
     * The connection must use utf8mb4 for a Title or key with characters beyond ASCII.
     *
     * Keep SERIALIZABLE transactions short: a starting runner cannot register until they end. Set the level for the
     * session. A level set by SET TRANSACTION is invisible to this client, and then working runners wait too.
     *
     * A handler is accepted if a runner has ever announced it, or if it is a class of the site. Its task waits until a
     * runner offers it. $unknownHandlers decides about other names; the client reads no configuration.
     *
     * Keep the object as long as the connection: it keeps prepared statements and, for a second, the declarations of
     * handlers.
     *
     * @param \PDO|\mysqli $connection
     * @param string $unknownHandlers REFUSE_UNKNOWN_HANDLERS or PARK_UNKNOWN_HANDLERS
     * @param string $wakeDirectory wake_directory of the [runner] section, where the runners listen. They are woken when the
     *     client knows of the COMMIT; see wake(). With '', or without rights there, they find the tasks by polling
     */
    public static function overDatabase(
        $connection,
        string $tablePrefix = 'inp_',
        string $unknownHandlers = self::REFUSE_UNKNOWN_HANDLERS,
        string $wakeDirectory = self::WAKE_DIRECTORY
    ): self {
        return new self(new SqlTransport($connection, $tablePrefix, $unknownHandlers, $wakeDirectory));
    }

    /**
     * [enqueue] unknown_handlers of the configuration decides what happens to tasks of handlers that were
     * never announced.
     *
     * @param string $baseUrl such as https://site/taskqueue
     */
    public static function overHttp(string $baseUrl, string $apiToken): self
    {
        return new self(new HttpTransport($baseUrl, $apiToken));
    }

    /**
     * Runs each task at once in this process, for a site in development. Names, options and TaskData are checked as by
     * the queue. A delay is not waited for. find() tells the outcome, and when a task would run again; retry() runs it.
     *
     * An exit or a fatal error of a handler ends the process. No notifications are sent.
     *
     * @param array<int|string, string|object> $handlers as a bootstrap file returns them
     * @throws ArgumentError when they cannot be used
     */
    public static function inline(array $handlers): InlineQueue
    {
        return new InlineQueue(new FakeTransport(new InProcess\Handlers($handlers)));
    }

    /**
     * Keeps tasks in memory, for a site's unit tests. Names, options and TaskData are checked as by the queue.
     *
     * @param array<int|string, string|object>|null $handlers as a bootstrap file returns them; null:
     *     any name is accepted
     * @throws ArgumentError when they cannot be used
     */
    public static function fake(?array $handlers = null): FakeQueue
    {
        return new FakeQueue(new FakeTransport(new InProcess\Handlers($handlers)));
    }

    /**
     * Enqueues a task and returns its Id.
     *
     *     $queue->addTask(Task::of(ImportCsv::class, ['file' => $file])->priority(2));
     *     $queue->addTask(ImportCsv::class, ['file' => $file], null, null, ['Priority' => 2]);  // the same
     *
     * $options may have these members:
     *
     * - 'Queue', 'Priority' (0 is first, 9 is last). The defaults are those of the handler, or 'default' and 5.
     * - 'Title' and 'QueuedById' describe the task.
     * - 'UniqueKey', and 'UniqueMode', which decides what happens while a live task holds the key. With 'keep' (the
     *   default), the live task stands for the new one. With 'replace', the live task is superseded: it is cancelled, or
     *   not retried if it is running. 'window' is like 'keep', and also holds the key after a success, until
     *   'UniqueSeconds' have passed since the enqueue.
     * - 'ConcurrencyKey': the handler's MaxRunningPerKey counts the tasks that share it.
     * - 'NotifyOn': 'success', 'failure' or 'both'. Such an end sends a notification to 'NotifyTo', which is an e-mail
     *   address or the URL of a webhook. Without it, the address of QueuedById gets an e-mail. 'NotifyLanguage' is the
     *   language of the e-mail.
     *
     * @param Task|string $task a task with its options, or the name of the handler; further arguments belong to a name
     * @param array<mixed> $taskData
     * @param int|\DateTimeInterface|null $scheduledOn earliest time of the first run (unix seconds, at most 10 years
     *     ahead); null: at once
     * @param int|null $maxRetries failed runs, 1 to 1000, after which the task is not retried; null: the handler's
     *     default, or 5
     * @param Options $options
     * @throws EnqueueError when the task is refused: nothing was enqueued
     */
    public function addTask(
        $task,
        array $taskData = [],
        $scheduledOn = null,
        ?int $maxRetries = null,
        array $options = []
    ): int {
        $new = is_string($task)
            ? new NewTask($task, $taskData, $scheduledOn, $maxRetries, $options)
            : self::newTask([$task, $taskData, $scheduledOn, $maxRetries, $options]);
        return $this->transport->enqueue([$new])[0];
    }

    /**
     * Enqueues many tasks, all or none, in few statements or one request. It returns their Ids in the same order.
     *
     * @param list<Task|NewTask|list<mixed>> $tasks at most Transport::MOST_TASKS; a list has the arguments of addTask()
     * @return list<int>
     * @throws EnqueueError when a task is refused: nothing was enqueued
     */
    public function addTasks(array $tasks): array
    {
        if ($tasks === []) {
            return [];
        }
        if (count($tasks) > Transport::MOST_TASKS) {
            throw new EnqueueError(
                'These are ' . count($tasks) . ' tasks.', 'Add at most ' . Transport::MOST_TASKS . ' at once.', null,
                'too_many'
            );
        }
        $new = [];
        foreach (array_values($tasks) as $position => $task) {
            try {
                $new[] = $task instanceof NewTask ? $task : self::newTask(is_array($task) ? $task : [$task]);
            } catch (EnqueueError $error) {
                throw $error->ofTask($position);
            }
        }
        return $this->transport->enqueue($new);
    }

    /**
     * Returns the task with its newest run: its status, progress, Results, error, and why it waits. Returns null when
     * there is no such task. In a transaction over the site's connection, it is seen as the transaction sees it.
     */
    public function find(int $id): ?TaskStatus
    {
        return $this->transport->find($id);
    }

    /**
     * Waits until the task has ended, and returns it. After so many seconds it is returned as it is. Returns null when
     * there is no such task.
     *
     * @param float $seconds from 0 to MOST_SECONDS_TO_WAIT
     * @throws UseError inside of a transaction of the site: its tasks run after COMMIT
     */
    public function wait(int $id, float $seconds): ?TaskStatus
    {
        if (!($seconds >= 0 && $seconds <= self::MOST_SECONDS_TO_WAIT)) {
            throw new ArgumentError(
                "The seconds to wait are $seconds.", 'They must be from 0 to ' . self::MOST_SECONDS_TO_WAIT . '.', 'seconds',
                'out_of_range'
            );
        }
        return $this->transport->wait($id, $seconds);
    }

    /**
     * Cancels a task that waits, or asks the runner of a running one to stop it. Returns a constant of CancelOutcome.
     */
    public function cancel(int $id): string
    {
        return $this->transport->cancel($id);
    }

    /** Runs a task again that has ended, or at once one that waits. Returns a constant of RetryOutcome. */
    public function retry(int $id): string
    {
        return $this->transport->retry($id);
    }

    /**
     * Returns a page of tasks, the newest first.
     *
     * @param array $filters members as the constructor of TaskFilter lists them
     * @phpstan-param array{LastStatus?: string, TaskHandlerClass?: string, Queue?: string, q?: string, ErrorCode?: string,
     *     QueuedFrom?: int, QueuedUntil?: int, after?: int, limit?: int} $filters
     */
    public function list(array $filters = []): TaskList
    {
        return $this->transport->list(new TaskFilter($filters));
    }

    /** Returns the number of runners that are alive. */
    public function runnersAlive(): int
    {
        return $this->transport->runnersAlive();
    }

    /**
     * Call it after COMMIT of a transaction in which tasks were added, so that they start at once. Without it they
     * start at the end of the request, or when a runner polls. Over HTTP it does nothing.
     */
    public function wake(): void
    {
        $this->transport->wake();
    }

    /** @param list<mixed> $arguments of addTask() */
    private static function newTask(array $arguments): NewTask
    {
        $missing = [null, [], null, null, []];
        if (count($arguments) > count($missing)) {
            throw new EnqueueError('The task has ' . count($arguments) . ' parts.', 'Give at most five, as addTask() takes them.', null,
                'too_many');
        }
        [$task, $data, $scheduledOn, $maxRetries, $options] = array_slice($arguments, 0, 5) + $missing;
        if (!$task instanceof Task) {
            if (!is_string($task)) {
                throw new EnqueueError(
                    'The task is of type ' . gettype($task) . '.', 'Give a Task or the name of a handler.',
                    'TaskHandlerClass', 'wrong_type'
                );
            }
            foreach (['TaskData' => is_array($data), 'MaxRetries' => $maxRetries === null || is_int($maxRetries),
                'options' => is_array($options)] as $member => $fits) {
                if (!$fits) {
                    throw new EnqueueError("The $member is of the wrong type.", 'TaskData and options are arrays, MaxRetries is an int.',
                        $member, 'wrong_type');
                }
            }
            return new NewTask($task, $data, $scheduledOn, $maxRetries, $options);
        }
        if ([$data, $scheduledOn, $maxRetries, $options] !== array_slice($missing, 1)) {
            throw new EnqueueError(
                'A Task has its data and options itself.', 'Use its methods, such as in() and priority().', null,
                'unknown_option'
            );
        }
        return $task->toNewTask();
    }
}
