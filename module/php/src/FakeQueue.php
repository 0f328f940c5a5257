<?php

namespace TaskQueue;

/**
 * The queue of TaskQueue::fake(). A failed assertion is a failure of PHPUnit where PHPUnit is loaded, and an
 * AssertionFailed otherwise.
 */
final class FakeQueue extends TaskQueue
{
    private const SHOWN = 10;  // tasks in the message of a failure
    private const MOST_RUNS = 10000;  // of one runAll()

    /** @var FakeTransport */
    private $memory;

    public function __construct(FakeTransport $memory)
    {
        $this->memory = $memory;
        parent::__construct($memory);
    }

    /**
     * Fails if no such task was added.
     *
     * @param string $class the name of the handler
     * @param array<mixed>|(\Closure(array<mixed>, TaskStatus): bool)|null $expected an array: these members of TaskData,
     *     others may be there as well; a function: whether it is the task; null: any task of this handler
     */
    public function assertAdded(string $class, $expected = null): void
    {
        $this->assertThat($this->added($class, $expected) !== [], "A task of $class was added" . self::shown($expected));
    }

    /**
     * Fails if such a task was added.
     *
     * @param array<mixed>|(\Closure(array<mixed>, TaskStatus): bool)|null $expected as for assertAdded()
     */
    public function assertNotAdded(string $class, $expected = null): void
    {
        $this->assertThat($this->added($class, $expected) === [], "No task of $class was added" . self::shown($expected));
    }

    public function assertNothingAdded(): void
    {
        $this->assertThat($this->memory->added() === [], 'No task was added');
    }

    /** Tasks that a later one has replaced do not count. */
    public function assertAddedCount(int $count, ?string $class = null): void
    {
        $is = count($class === null ? $this->memory->added() : $this->added($class));
        $this->assertThat($is === $count, "$count tasks" . ($class === null ? '' : " of $class") . ' were added');
    }

    /**
     * Returns the tasks of this handler in the order of their enqueue.
     *
     * @param array<mixed>|(\Closure(array<mixed>, TaskStatus): bool)|null $expected as for assertAdded()
     * @return list<TaskStatus>
     */
    public function added(string $class, $expected = null): array
    {
        $isIt = static function (TaskStatus $task) use ($class, $expected): bool {
            return $task->taskHandlerClass === $class && self::fits($task, $expected);
        };
        return array_values(array_filter($this->memory->added(), $isIt));
    }

    /**
     * Runs each task that waits once, whatever the time of its next run, and then those that these runs have added.
     * Another call does the retries.
     *
     * @return array<int, TaskStatus> the tasks that have run, by Id
     * @throws ArgumentError when there is no handler for a task
     */
    public function runAll(): array
    {
        $done = [];
        while (($next = array_diff($this->memory->waitingIds(), array_keys($done))) !== []) {
            if (count($done) === self::MOST_RUNS) {
                throw new UseError(
                    'The handlers add tasks without end: ' . self::MOST_RUNS . ' have run.',
                    'Let a handler add no task of its own ' . 'kind.', null, 'too_many'
                );
            }
            $id = reset($next);
            $task = $this->memory->run($id);
            if ($task !== null) {
                $done[$id] = $task;
            }
        }
        return $done;
    }

    /** Returns what the newest run of the task has written to standard output. */
    public function getOutput(int $id): string
    {
        return $this->memory->outputOf($id);
    }

    /** @param array<mixed>|(\Closure(array<mixed>, TaskStatus): bool)|null $expected */
    private static function fits(TaskStatus $task, $expected): bool
    {
        $data = $task->taskData ?? [];
        if ($expected instanceof \Closure) {
            return (bool)$expected($data, $task);
        }
        foreach ($expected ?? [] as $name => $value) {
            if (!array_key_exists($name, $data) || $data[$name] !== $value) {
                return false;
            }
        }
        return true;
    }

    /** @param array<mixed>|(\Closure(array<mixed>, TaskStatus): bool)|null $expected */
    private static function shown($expected): string
    {
        return is_array($expected) ? ' with ' . json_encode($expected) : ($expected === null ? '' : ' that the function accepts');
    }

    private function shownTasks(): string
    {
        $added = $this->memory->added();
        if ($added === []) {
            return 'none was added';
        }
        $lines = array_map(static function (TaskStatus $task): string {
            return $task->taskHandlerClass . ' ' . json_encode($task->taskData);
        }, array_slice($added, 0, self::SHOWN));
        return count($added) . ' were added: ' . implode(', ', $lines) . (count($added) > self::SHOWN ? ', …' : '');
    }

    private function assertThat(bool $holds, string $what): void
    {
        $but = $this->shownTasks();
        if (class_exists('PHPUnit\Framework\Assert')) {
            \PHPUnit\Framework\Assert::assertTrue($holds, "$what; $but.");
        } elseif (!$holds) {
            throw new AssertionFailed("This does not hold: $what; $but.");
        }
    }
}
