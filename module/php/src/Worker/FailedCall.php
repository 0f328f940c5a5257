<?php

namespace TaskQueue\Worker;

use TaskQueue\IFailedTaskHandler;

/** Tells a handler that its task is given up. */
final class FailedCall
{
    /** A task whose run was asked to stop by a cancel or a shutdown is not given up: the runner decides so. */
    public static function isDue(HostedRun $run, Outcome $outcome): bool
    {
        if (!$outcome->isError() || !($outcome->isFinal() || $run->isLastAttempt())) {
            return false;
        }
        $reason = $run->stopReason();
        return $reason === null || $reason === HostedRun::STOP_TIME_LIMIT;
    }

    public static function make(HandlerList $handlers, HostedRun $run, Outcome $outcome): void
    {
        $name = $run->getTaskHandlerClass();
        if (!$handlers->has($name)) {
            return;
        }
        try {
            $handler = $handlers->make($name);
            if ($handler instanceof IFailedTaskHandler) {
                $handler->failed($run, $outcome->error());
            }
        } catch (\Throwable $thrown) {
            StandardStreams::writeError("PHP: failed() of $name has thrown " . Trace::of($thrown));
        }
    }
}
