<?php

namespace TaskQueue\Worker;

/** Signal handlers and the alarm. A run cannot change them without ext-pcntl. */
final class SignalState implements StatePart
{
    private const LAST = 31;

    /** @var array<int, callable|int> by signal */
    private $handlers = [];
    /** @var int one bit for each ignored signal, even if PHP reports SIG_DFL */
    private $ignored = 0;

    public function __construct()
    {
        for ($signal = 1; function_exists('pcntl_alarm') && $signal <= self::LAST; ++$signal) {
            $this->handlers[$signal] = pcntl_signal_get_handler($signal);
        }
        if (preg_match('/^SigIgn:\s*[0-9a-f]*([0-9a-f]{8})$/m', (new ProcFile('/proc/self/status'))->read(), $mask) === 1) {
            $this->ignored = hexdec($mask[1]);
        }
    }

    public function restore(): array
    {
        if ($this->handlers === []) {
            return [];
        }
        pcntl_alarm(0);
        foreach ($this->handlers as $signal => $handler) {
            $now = pcntl_signal_get_handler($signal);
            $wanted = $handler === SIG_DFL && ($this->ignored >> ($signal - 1) & 1) === 1 ? SIG_IGN : $handler;
            if ($now !== $handler && $now !== $wanted) {
                pcntl_signal($signal, $wanted);
            }
        }
        return [];
    }
}
