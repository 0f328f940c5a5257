<?php

namespace TaskQueue\Event;

use TaskQueue\TaskRun;

/** Dispatched after each run whose process lives on. */
final class RunEnds
{
    /** @var TaskRun */
    public $run;
    /** @var \Throwable|null what the handler or its middleware threw */
    public $thrown;

    public function __construct(TaskRun $run, ?\Throwable $thrown)
    {
        $this->run = $run;
        $this->thrown = $thrown;
    }
}
