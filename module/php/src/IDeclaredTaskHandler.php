<?php

namespace TaskQueue;

/** A handler that says more about itself than its name. */
interface IDeclaredTaskHandler extends ITaskHandler
{
    /**
     * @return array All optional: 'DataSchema' (the JSON Schema of TaskData, as JSON or as an array: what does not fit is
     *               refused), 'TimeLimitSeconds' (int, of one run).
     */
    public static function getTaskHandlerSettings(): array;
}
