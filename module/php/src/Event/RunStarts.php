<?php

namespace TaskQueue\Event;

use TaskQueue\TaskRun;

/** Dispatched before each run, after the hooks of beforeRun that were registered earlier. */
final class RunStarts
{
    /** @var TaskRun */
    public $run;

    public function __construct(TaskRun $run)
    {
        $this->run = $run;
    }
}
