<?php
// The handlers of the benchmark's PHP workers.

final class PhpNoop implements TaskQueue\ITaskHandler
{
    public function handleTaskRun(TaskQueue\TaskRun $taskRun)
    {
        return null;
    }
}

return [PhpNoop::class];
