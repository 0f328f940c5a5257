<?php

namespace TaskQueue\Laravel;

/**
 * Interrupts a job by SIGALRM, as Laravel's worker does. A job that no signal reaches, as in a long query, ends at the time
 * limit of the runner. Without the extension pcntl, that is so for all jobs.
 */
final class JobTimer
{
    /** Make it in the bootstrap file: a worker ends after a run in which PHP takes over a further signal. */
    public function __construct()
    {
        $this->stop();
    }

    /**
     * @param int $seconds 0: no limit
     * @param callable(): void $onEnd
     */
    public function start(int $seconds, callable $onEnd): void
    {
        if (extension_loaded('pcntl') && $seconds > 0) {
            pcntl_signal(SIGALRM, $onEnd);
            pcntl_async_signals(true);
            pcntl_alarm($seconds);
        }
    }

    public function stop(): void
    {
        if (extension_loaded('pcntl')) {
            pcntl_alarm(0);
            pcntl_signal(SIGALRM, SIG_DFL);
        }
    }
}
