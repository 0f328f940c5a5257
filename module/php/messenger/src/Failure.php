<?php

namespace TaskQueue\Messenger;

use Symfony\Component\Messenger\Exception\HandlerFailedException;
use Symfony\Component\Messenger\Exception\RecoverableExceptionInterface;
use Symfony\Component\Messenger\Exception\UnrecoverableExceptionInterface;
use TaskQueue\GiveUp;
use TaskQueue\RetryAfter;
use TaskQueue\Snooze;
use TaskQueue\TaskError;

/** What a message's handlers have thrown, and what the queue makes of it. */
final class Failure
{
    /** @var \Throwable the first one, taken out of Messenger's own exception */
    private $first;
    /** @var \Throwable[] */
    private $all;

    public function __construct(\Throwable $thrown)
    {
        $this->all = self::unwrap($thrown);
        $this->first = $this->all[0];
    }

    /** @return list<\Throwable> */
    private static function unwrap(\Throwable $thrown): array
    {
        if (!$thrown instanceof HandlerFailedException) {
            return [$thrown];
        }
        $isNewer = method_exists($thrown, 'getWrappedExceptions');
        $nested = $isNewer ? $thrown->getWrappedExceptions() : $thrown->getNestedExceptions();
        return array_merge(...array_map([self::class, 'unwrap'], array_values($nested)));
    }

    /** Returns whether a handler has thrown an exception of the queue, which decides by itself. */
    public function isOfQueue(): bool
    {
        return $this->ofQueue() !== null;
    }

    private function ofQueue(): ?\Throwable
    {
        foreach ($this->all as $thrown) {
            if ($thrown instanceof TaskError || $thrown instanceof Snooze) {
                return $thrown;
            }
        }
        return null;
    }

    /**
     * Returns a RetryAfter for an exception that Messenger calls recoverable and that says a delay, a GiveUp when all are
     * unrecoverable, and otherwise the first exception, which the queue retries with its backoff.
     */
    public function asOutcome(): \Throwable
    {
        if ($this->isOfQueue()) {
            return $this->ofQueue();
        }
        $isHopeless = true;
        foreach ($this->all as $thrown) {
            if ($thrown instanceof RecoverableExceptionInterface) {
                // Messenger 7.2 and newer have this method.
                $delay = method_exists($thrown, 'getRetryDelay') ? $thrown->getRetryDelay() : null;
                return $delay === null ? $thrown : new RetryAfter(get_class($thrown), $this->message(), $delay / 1000, $thrown);
            }
            $isHopeless = $isHopeless && $thrown instanceof UnrecoverableExceptionInterface;
        }
        return $isHopeless ? new GiveUp($this->code(), $this->message(), $this->first) : $this->first;
    }

    public function code(): string
    {
        return get_class($this->first);
    }

    /** Returns the message with its place; further exceptions are counted. */
    public function message(): string
    {
        $others = count($this->all) - 1;
        return "{$this->first->getMessage()} in {$this->first->getFile()}:{$this->first->getLine()}"
            . ($others > 0 ? ", and $others more" : '');
    }
}
