<?php

namespace TaskQueue;

/** A handler that declares settings for its tasks. */
interface IDeclaredTaskHandler extends ITaskHandler
{
    /**
     * Returns the settings, or the same as an array; all of them are optional.
     *
     * - 'DataSchema': the JSON Schema of TaskData, as JSON or as an array. TaskData that does not fit is refused.
     * - 'TimeLimitSeconds': the time limit of one run.
     * - 'RetryDelays': the delays in seconds after the first, second, … failure; the last one holds for all further.
     * - 'RetryDelaySeconds': without such a list, the delay after the first failure. It doubles with each further
     *   one, up to 'RetryDelayLimitSeconds'.
     * - 'OnCrash': 'retry', or 'fail': a task whose worker or runner died is not retried automatically.
     * - 'MaxRunning', 'MaxRunningPerKey': the most runs at once over all runners, in total or per ConcurrencyKey.
     * - 'MaxRetries', 'Queue', 'Priority': defaults for tasks that do not set them.
     * - 'UniqueSeconds': a task with a UniqueKey and no UniqueMode has the mode window with so many seconds.
     *
     * @return Settings|array<string, mixed>
     */
    public static function getTaskHandlerSettings();
}
