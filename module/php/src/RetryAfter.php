<?php

namespace TaskQueue;

/** A known error, tried again after this long. */
class RetryAfter extends TaskError
{
    /** @var int */
    private $seconds;

    public function __construct(string $errorCode, string $message, int $seconds, ?\Throwable $previous = null)
    {
        parent::__construct($errorCode, $message, $previous);
        $this->seconds = $seconds;
    }

    public function getSeconds(): int
    {
        return $this->seconds;
    }
}
