<?php

namespace TaskQueue;

/** Waits for the end of a task by looking again and again, with a growing pause. */
final class Polling
{
    private const FIRST_MICROSECONDS = 20000;
    private const MOST_MICROSECONDS = 1000000;
    private const GROWTH = 1.5;

    /**
     * @param callable(): ?TaskStatus $find
     * @return TaskStatus|null the last look
     */
    public static function untilOver(callable $find, float $seconds): ?TaskStatus
    {
        $end = microtime(true) + $seconds;
        $pause = self::FIRST_MICROSECONDS;
        for (;;) {
            $task = $find();
            $left = (int)(1000000 * ($end - microtime(true)));
            if ($task === null || $task->isOver() || $left <= 0) {
                return $task;
            }
            usleep((int)min($pause, $left));
            $pause = min($pause * self::GROWTH, self::MOST_MICROSECONDS);
        }
    }
}
