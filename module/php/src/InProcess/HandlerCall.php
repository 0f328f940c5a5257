<?php

namespace TaskQueue\InProcess;

use TaskQueue\FakeTaskRun;
use TaskQueue\IFailedTaskHandler;
use TaskQueue\TaskRun;
use TaskQueue\Worker\Outcome;
use TaskQueue\Worker\Trace;

/** Runs a handler in this process. An exit, a fatal error and a crash end the process, other than in a worker. */
final class HandlerCall
{
    private const WARNINGS = E_WARNING | E_USER_WARNING | E_USER_ERROR | E_RECOVERABLE_ERROR;
    private const FIRST_DELAY = 10;  // the defaults of [retry]
    private const LONGEST_DELAY = 3600;

    /** Does the next run of the task, and changes the task as its end demands. */
    public static function run(Handlers $handlers, StoredTask $task): void
    {
        $make = $handlers->makerOf($task->new->taskHandlerClass);
        ++$task->attempt;
        $run = FakeTaskRun::ofTask($task->columns(), $task->id, $task->attempt);
        $task->run = $run;
        $task->status = 'running';
        $task->nextRunOn = null;
        $task->isCancelRequested = false;
        $task->end = ['StartedOn' => time()];
        $task->output = '';
        $level = ob_get_level();
        ob_start();
        set_error_handler([self::class, 'onError']);
        try {
            $returned = $make()->handleTaskRun($run);
            $stop = $run->stoppedFor();
            $error = $run->updatedError();
            if ($error !== null) {
                throw $error;
            }
            $outcome = Outcome::ofResults($returned ?? $run->getResults());
            $outcome = $stop === null ? $outcome : $outcome->asStop($stop);
        } catch (\Throwable $thrown) {
            $outcome = Outcome::ofThrown($thrown)->withResultsOfFailure($run->getResults());
        }
        try {
            self::tellFailed($handlers, $task, $outcome);
        } finally {
            restore_error_handler();
            $task->output = self::takeOutput($level);
        }
        self::end($task, $outcome, $handlers->settingsOf($task->new->taskHandlerClass));
    }

    /** As in a worker, another object is told, and an exception of failed() changes nothing. */
    private static function tellFailed(Handlers $handlers, StoredTask $task, Outcome $outcome): void
    {
        $run = $task->run;
        $isGivenUp = $outcome->isError() && ($outcome->isFinal() || ($run !== null && $run->isLastAttempt()));
        if ($run === null || !$isGivenUp || $task->isCancelRequested) {
            return;
        }
        $name = $task->new->taskHandlerClass;
        try {
            $handler = $handlers->makerOf($name)();
            if ($handler instanceof IFailedTaskHandler) {
                $handler->failed($run, $outcome->error());
            }
        } catch (\Throwable $thrown) {
            echo "PHP: failed() of $name has thrown " . Trace::of($thrown);
        }
    }

    /** Warnings end the run, as in a worker. */
    public static function onError(int $level, string $message, string $file, int $line): bool
    {
        if ((error_reporting() & $level) === 0) {
            return true;
        }
        if (($level & self::WARNINGS) !== 0) {
            throw new \ErrorException($message, 0, $level, $file, $line);
        }
        echo "PHP: $message in $file:$line\n";
        return true;
    }

    private static function takeOutput(int $level): string
    {
        while (ob_get_level() > $level + 1) {
            ob_end_flush();
        }
        return ob_get_level() > $level ? (string)ob_get_clean() : '';
    }

    /** @param array<string, mixed> $settings */
    private static function end(StoredTask $task, Outcome $outcome, array $settings): void
    {
        $message = $outcome->message;
        $task->end += [
            'FinishedOn' => time(),
            'ErrorCode' => $message['ErrorCode'] ?? '',
            'ErrorMessage' => $message['ErrorMessage'] ?? '',
            'Results' => $outcome->results === null ? null : json_decode($outcome->results, true),
        ];
        if ($outcome->isResult()) {
            $task->failures = 0;
            $task->end('success', null);
        } elseif ($task->isCancelRequested) {
            $task->end('cancelled', null);
        } elseif ($message['type'] === 'snooze') {
            $task->end('scheduled', time() + $message['Seconds']);
        } else {
            ++$task->failures;
            $isLast = $message['type'] === 'give_up' || $task->failures >= $task->maxRetries;
            $task->end('error', $isLast ? null : time() + ($message['Seconds'] ?? self::delayAfter($task->failures, $settings)));
        }
    }

    /**
     * Returns the wait after so many failures, without the random part.
     *
     * @param array<string, mixed> $settings
     */
    private static function delayAfter(int $failures, array $settings): int
    {
        $delays = $settings['RetryDelays'] ?? [];
        if ($delays !== []) {
            return (int)ceil($delays[min($failures, count($delays)) - 1]);
        }
        $first = $settings['RetryDelaySeconds'] ?? self::FIRST_DELAY;
        return (int)ceil(min($first * 2 ** ($failures - 1), $settings['RetryDelayLimitSeconds'] ?? self::LONGEST_DELAY));
    }

    /** Asks the current run to stop, as the cancelling of a running task does. */
    public static function requestCancel(StoredTask $task): void
    {
        $task->isCancelRequested = true;
        if ($task->run !== null) {
            $task->run->askToStop(TaskRun::STOP_CANCEL);
        }
    }
}
