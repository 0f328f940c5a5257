<?php

namespace TaskQueue;

/** Not an error: the task runs again after this delay, and no try is lost. */
class Snooze extends \RuntimeException
{
    /** @var int */
    private $seconds;

    /** @param int|float $seconds 0 to Delay::MOST_SECONDS; a fraction rounds up */
    public function __construct($seconds)
    {
        $this->seconds = Delay::wholeSeconds($seconds);
        parent::__construct("snoozed for {$this->seconds} s");
    }

    public function getSeconds(): int
    {
        return $this->seconds;
    }
}
