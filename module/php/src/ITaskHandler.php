<?php

namespace TaskQueue;

/**
 * A handler of tasks. One instance handles one run. If the process crashes, that run ends as `error` and no other run is
 * affected.
 */
interface ITaskHandler
{
    /**
     * Does the work. Standard output and STDERR are kept with the run.
     *
     * Returning is a success, unless the run was asked to stop and the handler knows it from TaskRun::stopReason(). A
     * returned value other than null becomes the run's Results.
     *
     * An exception is an error. The task is retried with the usual backoff until MaxRetries, unless the exception is a
     * RetryAfter, GiveUp or Snooze.
     *
     * A handler declares the parameter as TaskRun; in a CMS that has the class kDBItem, also as kDBItem.
     *
     * @return mixed
     */
    public function handleTaskRun(TaskRunItem $taskRun);
}
