<?php

namespace TaskQueue;

/**
 * What a handler of tasks implements. One instance handles many runs, one after the other, in a worker process of its
 * own; if it crashes, that run ends as `error` and nothing else is harmed.
 */
interface ITaskHandler
{
    /**
     * Does the work. What is printed, and what goes to STDERR, is kept with the run. Returning is success, unless the run was
     * asked to stop and the handler has learnt of it (TaskRun::stopReason()); a value that is returned, if not null, becomes
     * the run's Results. An exception is an error and is tried again after the usual backoff until MaxRetries, unless it is a
     * RetryAfter, GiveUp or Snooze.
     *
     * @return mixed
     */
    public function handleTaskRun(TaskRun $taskRun);
}
