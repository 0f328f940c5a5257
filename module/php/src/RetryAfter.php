<?php

namespace TaskQueue;

/** A known error after which the task is retried after the given delay. */
class RetryAfter extends TaskError
{
    /** @var int */
    private $seconds;

    /** @param int|float $seconds 0 to Delay::MOST_SECONDS; a fraction rounds up */
    public function __construct(string $errorCode, string $message, $seconds, ?\Throwable $previous = null)
    {
        parent::__construct($errorCode, $message, $previous);
        $this->seconds = Delay::wholeSeconds($seconds);
    }

    public function getSeconds(): int
    {
        return $this->seconds;
    }
}
