<?php

namespace TaskQueue\InProcess;

use TaskQueue\ArgumentError;
use TaskQueue\DataSchema;
use TaskQueue\EnqueueError;
use TaskQueue\ITaskHandler;
use TaskQueue\NewTask;
use TaskQueue\Worker\HandlerList;

/**
 * The handlers of a queue without a runner, with what they declare.
 *
 * @phpstan-type HandlersGiven array<int|string, string|object>
 */
final class Handlers
{
    /** @var HandlerList|null null: any name is accepted */
    private $given;
    /** @var array<string, array<string, mixed>> settings by name of the handler */
    private $settings = [];

    /**
     * @param HandlersGiven|null $handlers as a bootstrap file returns them; null: any name is accepted, and classes of
     *     the site are checked and run
     * @throws ArgumentError
     */
    public function __construct(?array $handlers)
    {
        $this->given = $handlers === null ? null : self::listOf($handlers);
        if ($this->given !== null) {
            $this->readSettings($this->given);
        }
    }

    /**
     * Checks what the queue would check of the handler.
     *
     * @throws EnqueueError
     */
    public function check(NewTask $task): void
    {
        $class = $task->taskHandlerClass;
        if ($this->given !== null && !$this->given->has($class)) {
            throw new EnqueueError("The handler $class was not given to this queue.", 'Correct the name, or give the handler to '
                . 'TaskQueue::inline() or fake().', 'TaskHandlerClass', 'unknown_handler');
        }
        $schema = $this->settingsOf($class)['DataSchema'] ?? '';
        DataSchema::of(is_string($schema) ? $schema : (string)json_encode($schema))->check($task->taskData);
    }

    /**
     * Returns what the handler declares, without what it does not declare.
     *
     * @return array<string, mixed>
     */
    public function settingsOf(string $class): array
    {
        if (!isset($this->settings[$class])) {
            $this->settings[$class] = [];
            $list = $this->given === null ? self::listOfClass($class) : null;
            if ($list !== null) {
                $this->readSettings($list);
            }
        }
        return $this->settings[$class];
    }

    /**
     * Returns what makes the handler. The site's own code may throw when it is called.
     *
     * @return \Closure(): ITaskHandler
     * @throws ArgumentError when there is none
     */
    public function makerOf(string $class): \Closure
    {
        $list = $this->given ?? self::listOfClass($class);
        if ($list === null) {
            throw new ArgumentError(
                "There is no handler $class to run.", 'Give it to TaskQueue::fake().', 'handlers', 'unknown_handler'
            );
        }
        return static function () use ($list, $class): ITaskHandler {
            return $list->make($class);
        };
    }

    private function readSettings(HandlerList $list): void
    {
        foreach ($list->declarations() as $declaration) {
            $name = $declaration['TaskHandlerClass'];
            unset($declaration['TaskHandlerClass']);
            $this->settings[$name] = array_filter($declaration, static function ($value): bool {
                return $value !== null;
            });
        }
    }

    private static function listOfClass(string $class): ?HandlerList
    {
        return class_exists($class) && is_subclass_of($class, ITaskHandler::class) ? self::listOf([$class]) : null;
    }

    /** @param HandlersGiven $handlers */
    private static function listOf(array $handlers): HandlerList
    {
        try {
            $list = new HandlerList($handlers);
            $problems = $list->problems();
        } catch (\UnexpectedValueException | EnqueueError $problem) {
            $problems = [$problem->getMessage()];
        }
        if (!isset($list) || $problems !== []) {
            throw new ArgumentError('The handlers cannot be used: ' . implode('; ', $problems) . '.',
                'Give them as a bootstrap file of worker.php returns them.', 'handlers', 'wrong_handler');
        }
        return $list;
    }
}
