<?php

namespace TaskQueue;

/** A handler that declares settings for its tasks. */
interface IDeclaredTaskHandler extends ITaskHandler
{
    /**
     * @return array All optional: 'DataSchema' (the JSON Schema of TaskData, as JSON or as an array: what does not fit is
     *               refused), 'TimeLimitSeconds' (of one run), 'RetryDelaySeconds' (after the first failure; it doubles
     *               with each further one up to 'RetryDelayLimitSeconds'), 'OnCrash' ('retry', or 'fail': a task whose
     *               worker or runner died is not tried again by itself), 'MaxRunning' and 'MaxRunningPerKey' (at once,
     *               over all runners; the latter of one ConcurrencyKey); and of tasks that do not say themselves:
     *               'MaxRetries', 'Queue', 'Priority'.
     */
    public static function getTaskHandlerSettings(): array;
}
