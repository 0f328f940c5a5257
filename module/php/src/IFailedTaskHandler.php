<?php

namespace TaskQueue;

/** A handler that is told when a task of it is given up for good. */
interface IFailedTaskHandler extends ITaskHandler
{
    /**
     * Called once, at the end of the run that failed, in the same process, on another object. The task is not tried
     * again, because this was its last attempt or the handler threw GiveUp. A cancelled task is not given up.
     *
     * What it writes belongs to the run. If it throws, that is only written to the run's error output.
     *
     * It is not called when the process of the run dies, such as by a signal, or with its runner: NotifyOn tells also
     * of these ends.
     *
     * @param \Throwable $error what the handler threw; a TaskError with the run's ErrorCode if it threw nothing
     */
    public function failed(TaskRunItem $taskRun, \Throwable $error): void;
}
