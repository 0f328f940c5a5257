<?php

namespace TaskQueue;

/**
 * The settings that a handler declares for its tasks. The object never changes; each method returns another one.
 * What is not declared is decided by the task, the runner or a default.
 *
 *     return Settings::tries(3)->backoff(10, 60, 300)->timeLimit(120)->uniqueFor(3600)->maxRunning(2);
 */
final class Settings
{
    /** @var array<string, mixed> by the name that the protocol uses */
    private $values = [];

    private function __construct()
    {
    }

    /** Begins with no setting. */
    public static function defaults(): self
    {
        return new self();
    }

    /** Begins with the number of failed runs after which a task is given up; 1: it is not tried again. */
    public static function tries(int $runs): self
    {
        if ($runs < 1) {
            throw self::refusal('tries', "must be at least 1, not $runs");
        }
        return self::defaults()->with('tries', 'MaxRetries', $runs);
    }

    /**
     * The waits after the first, the second, … failure. The last one holds for all further failures. Up to a fifth is
     * added at random, so that tasks which failed together are not tried again together.
     *
     * @param int|float ...$seconds at least one
     */
    public function backoff(...$seconds): self
    {
        if ($seconds === []) {
            throw self::refusal('backoff', 'must have at least one number of seconds');
        }
        $this->refuseSecond('backoff', 'RetryDelaySeconds', 'doublingBackoff');
        return $this->with('backoff', 'RetryDelays', array_values($seconds));
    }

    /**
     * A wait that doubles with each failure.
     *
     * @param int|float $seconds after the first failure
     * @param int|float|null $limit the longest wait in seconds; null: as the configuration says
     */
    public function doublingBackoff($seconds, $limit = null): self
    {
        $this->refuseSecond('doublingBackoff', 'RetryDelays', 'backoff');
        $with = $this->with('doublingBackoff', 'RetryDelaySeconds', $seconds);
        return $limit === null ? $with : $with->with('doublingBackoff', 'RetryDelayLimitSeconds', $limit);
    }

    /** @param int|float $seconds the time limit of one run */
    public function timeLimit($seconds): self
    {
        return $this->with('timeLimit', 'TimeLimitSeconds', $seconds);
    }

    /**
     * A task with a UniqueKey and no UniqueMode has the mode `window` with so many seconds: after its success the key
     * is held until then.
     */
    public function uniqueFor(int $seconds): self
    {
        if ($seconds < 1) {
            throw self::refusal('uniqueFor', "must be at least 1 second, not $seconds");
        }
        return $this->with('uniqueFor', 'UniqueSeconds', $seconds);
    }

    /** The most tasks of this handler that run at once, over all runners. */
    public function maxRunning(int $tasks): self
    {
        return $this->with('maxRunning', 'MaxRunning', $tasks);
    }

    /** The same for each ConcurrencyKey. */
    public function maxRunningPerKey(int $tasks): self
    {
        return $this->with('maxRunningPerKey', 'MaxRunningPerKey', $tasks);
    }

    /** The queue of tasks that do not name one. */
    public function onQueue(string $queue): self
    {
        if ($queue === '') {
            throw self::refusal('onQueue', "must name a queue; without it the queue is 'default'");
        }
        return $this->with('onQueue', 'Queue', $queue);
    }

    /** The priority of tasks that do not have one: 0 is claimed first, 9 last. */
    public function priority(int $priority): self
    {
        return $this->with('priority', 'Priority', $priority);
    }

    /** A task whose worker or runner died is not tried again by itself. */
    public function failOnCrash(): self
    {
        return $this->with('failOnCrash', 'OnCrash', 'fail');
    }

    /** @param array<string, mixed>|string $schema the JSON Schema of TaskData, as an array or as JSON */
    public function dataSchema($schema): self
    {
        return $this->with('dataSchema', 'DataSchema', $schema);
    }

    /** @return array<string, mixed> the settings by name, as IDeclaredTaskHandler lists them */
    public function toArray(): array
    {
        return $this->values;
    }

    /** @param mixed $value */
    private function with(string $method, string $name, $value): self
    {
        foreach (Worker\DeclaredSettings::problemsOf([$name => $value]) as $problem) {
            throw self::refusal($method, substr($problem, strlen("$name ")));
        }
        $with = clone $this;
        $with->values[$name] = $value;
        return $with;
    }

    private function refuseSecond(string $method, string $other, string $otherMethod): void
    {
        if (isset($this->values[$other])) {
            throw self::refusal($method, "there is a $otherMethod already; give one of the two");
        }
    }

    private static function refusal(string $method, string $problem): ArgumentError
    {
        return new ArgumentError("$method: $problem.", 'Correct getTaskHandlerSettings().', $method, 'out_of_range');
    }
}
