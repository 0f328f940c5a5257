<?php

namespace TaskQueue;

/** A handler throws this to have the task run again after a delay. It is not an error and costs no try. */
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
