<?php

namespace TaskQueue;

/**
 * Selects the tasks of TaskQueue::list(). The members are those of the API's list.
 *
 * @phpstan-type Filters array{LastStatus?: string, TaskHandlerClass?: string, Queue?: string, q?: string, ErrorCode?: string,
 *     QueuedFrom?: int, QueuedUntil?: int, after?: int, limit?: int}
 * @immutable
 */
final class TaskFilter
{
    public const LIMIT = 50;  // tasks of a page, when the filters do not say it

    private const STATUSES = ['scheduled', 'running', 'success', 'error', 'timeout', 'cancelled'];
    /** The most characters of each text. */
    private const TEXTS = ['TaskHandlerClass' => 255, 'Queue' => 64, 'q' => 255, 'ErrorCode' => 255];
    /** The least and the most of each number. */
    private const NUMBERS = [
        'QueuedFrom' => [0, 2147483647],
        'QueuedUntil' => [0, 2147483647],
        'after' => [1, 2147483647],
        'limit' => [1, Transport::MOST_LISTED],
    ];

    /** @var Filters what was given, without members that are null */
    public array $members;
    public int $limit;

    /**
     * - 'LastStatus': scheduled, running, success, error, timeout or cancelled
     * - 'TaskHandlerClass', 'Queue', 'ErrorCode' (of the newest run): equal to this text
     * - 'q': a part of the Title
     * - 'QueuedFrom', 'QueuedUntil': unix seconds, both included
     * - 'after': TaskList::$after of the page before
     * - 'limit': the most tasks of this page, 1 to 500; the default is 50
     *
     * @param Filters $filters
     * @throws ArgumentError that names the wrong member
     */
    public function __construct(array $filters = [])
    {
        $filters = array_filter($filters, static function ($value): bool {
            return $value !== null;
        });
        foreach ($filters as $name => $value) {
            $problem = self::findProblem((string)$name, $value);
            if ($problem !== null) {
                throw new ArgumentError("The filter $name cannot be used.", "It $problem.", (string)$name, 'out_of_range');
            }
        }
        $this->members = $filters;
        $this->limit = $filters['limit'] ?? self::LIMIT;
    }

    /** @param mixed $value */
    private static function findProblem(string $name, $value): ?string
    {
        if (isset(self::NUMBERS[$name])) {
            [$least, $most] = self::NUMBERS[$name];
            return is_int($value) && $value >= $least && $value <= $most ? null : "must be a whole number from $least to $most";
        }
        if ($name === 'LastStatus') {
            return in_array($value, self::STATUSES, true) ? null : 'must be one of ' . implode(', ', self::STATUSES);
        }
        if (!isset(self::TEXTS[$name])) {
            $known = array_merge(['LastStatus'], array_keys(self::TEXTS), array_keys(self::NUMBERS));
            return 'is not known; known are ' . implode(', ', $known);
        }
        $most = self::TEXTS[$name];
        $fits = is_string($value) && preg_match('/^\P{Cc}{1,' . $most . '}$/Du', $value) === 1;
        return $fits ? null : "must be a text of UTF-8 with 1 to $most characters and without control characters";
    }
}
