<?php

namespace TaskQueue;

/** A handler that declares settings for its tasks. */
interface IDeclaredTaskHandler extends ITaskHandler
{
    /**
     * Returns the settings; all of them are optional.
     *
     * - 'DataSchema': the JSON Schema of TaskData, as JSON or as an array. TaskData that does not fit is refused.
     * - 'TimeLimitSeconds': the time limit of one run.
     * - 'RetryDelaySeconds': the delay after the first failure. It doubles with each further one, up to
     *   'RetryDelayLimitSeconds'.
     * - 'OnCrash': 'retry', or 'fail': a task whose worker or runner died is not retried automatically.
     * - 'MaxRunning', 'MaxRunningPerKey': the most runs at once over all runners, in total or per ConcurrencyKey.
     * - 'MaxRetries', 'Queue', 'Priority': defaults for tasks that do not set them.
     *
     * @return array
     */
    public static function getTaskHandlerSettings(): array;
}
