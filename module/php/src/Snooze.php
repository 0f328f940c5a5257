<?php

namespace TaskQueue;

/** Not an error: the task is run again after this long, and no try is lost. */
class Snooze extends \RuntimeException
{
    /** @var int */
    private $seconds;

    public function __construct(int $seconds)
    {
        parent::__construct("snoozed for $seconds s");
        $this->seconds = $seconds;
    }

    public function getSeconds(): int
    {
        return $this->seconds;
    }
}
