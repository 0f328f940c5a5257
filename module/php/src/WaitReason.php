<?php

namespace TaskQueue;

/** Finds the one reason why a task waits, by the rules and with the words of module/queue/waiting.cpp. */
final class WaitReason
{
    private const AT_LIMIT = 'as many tasks of its handler are running as may at once';
    private const KEY_AT_LIMIT = 'as many tasks are running as may of its key: ';
    private const UNITS = [60 => 's', 3600 => 'min', 86400 => 'h'];

    /**
     * @param array<string, mixed> $task by the names of the columns
     * @return array{Code: string, Text: string}
     */
    public static function of(array $task, WaitFacts $facts): array
    {
        [$code, $text] = self::find($task, $facts);
        return ['Code' => $code, 'Text' => $text];
    }

    /**
     * @param array<string, mixed> $task
     * @return array{string, string}
     */
    private static function find(array $task, WaitFacts $facts): array
    {
        $class = $task['TaskHandlerClass'];
        if ($facts->isHandlerPaused) {
            return ['handler_paused', "The handler $class is paused."];
        }
        $parked = (string)$task['ParkedReason'];
        if ($parked !== '') {
            return self::whyParked($task, $parked, $facts);
        }
        $due = self::dueOn($task, $facts->now);
        if ($due > $facts->now) {
            $until = self::duration($due - $facts->now);
            return in_array($task['LastStatus'], ['error', 'timeout'], true)
                ? ['retry_delay', "It has failed and is tried again in $until."]
                : ['not_due', "It is not due for another $until."];
        }
        return self::whyDue($task, $facts);
    }

    /**
     * @param array<string, mixed> $task
     * @return array{string, string}
     */
    private static function whyParked(array $task, string $parked, WaitFacts $facts): array
    {
        $class = $task['TaskHandlerClass'];
        if ($facts->runnersKnowing === 0) {
            return ['no_handler', self::unknownHandler($class, $facts)];
        }
        if ($parked === self::AT_LIMIT) {
            return ['handler_limit', "No more than {$facts->maxRunning} of the tasks of the handler $class may run at once, "
                . "and as many do."];
        }
        if (strpos($parked, self::KEY_AT_LIMIT) === 0) {
            return ['key_limit', "No more than {$facts->maxRunningPerKey} of the tasks of the handler $class with the key "
                . "{$task['ConcurrencyKey']} may run at once, and as many do."];
        }
        return [$facts->runnersAble === 0 ? 'no_handler' : 'parked', "It is parked: $parked."];
    }

    /**
     * @param array<string, mixed> $task
     * @return array{string, string}
     */
    private static function whyDue(array $task, WaitFacts $facts): array
    {
        $queue = (string)$task['Queue'];
        if (preg_match('/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/D', $queue) !== 1) {
            return ['queue_name', "No runner can serve its Queue, which must be 1 to 64 letters, digits, '-', '_' or '.', and "
                . "not '.' or '..' "
                . 'alone. Cancel it, and enqueue it in another one.'];
        }
        if ($facts->areAllPaused) {
            return ['all_paused', 'All queues are paused.'];
        }
        if ($facts->isQueuePaused) {
            return ['queue_paused', "The queue $queue is paused."];
        }
        if ($facts->runners === 0) {
            return ['no_runner', 'No runner is alive.'];
        }
        if ($facts->runnersOfQueue === 0) {
            return ['no_runner_of_queue', "No living runner serves the queue $queue."];
        }
        if ($facts->runnersKnowing === 0) {
            return ['no_handler', self::unknownHandler($task['TaskHandlerClass'], $facts)];
        }
        if ($facts->runnersAble === 0) {
            return ['no_handler', "No living runner of the queue $queue knows the handler {$task['TaskHandlerClass']}."];
        }
        if ($facts->slotsTaken >= $facts->slots) {
            return ['no_free_slot', "All {$facts->slots} slots of the runners that could do it are taken."];
        }
        return ['next', 'It is due and about to be claimed.'];
    }

    private static function unknownHandler(string $class, WaitFacts $facts): string
    {
        if (!$facts->wasOffered) {
            return "No runner has ever offered the handler $class.";
        }
        return $facts->offeredUntil === null
            ? "No runner knows $class now."
            : "No runner knows $class since " . gmdate('Y-m-d H:i:s', $facts->offeredUntil) . ' UTC.';
    }

    /** @param array<string, mixed> $task */
    private static function dueOn(array $task, int $now): int
    {
        $mayRunAgain = !in_array($task['LastStatus'], ['success', 'cancelled'], true) && (int)$task['Superseded'] === 0
            && (int)$task['TaskRunsFailed'] < (int)$task['MaxRetries'];
        if (!$mayRunAgain) {
            return $now;
        }
        foreach (['NextRunOn', 'ScheduledOn'] as $column) {
            if ((int)$task[$column] > 0) {
                return (int)$task[$column];
            }
        }
        return $now;
    }

    private static function duration(int $seconds): string
    {
        $size = 1;
        foreach (self::UNITS as $next => $unit) {
            if ($seconds < 2 * $next) {
                return intdiv($seconds, $size) . " $unit";
            }
            $size = $next;
        }
        return intdiv($seconds, $size) . ' days';
    }
}
