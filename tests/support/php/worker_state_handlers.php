<?php
// The handlers of worker_state_test.php: TaskData 'do' is PHP code of the run.

use TaskQueue\ITaskHandler;
use TaskQueue\TaskRun;

final class Does implements ITaskHandler
{
    public function handleTaskRun(TaskRun $run)
    {
        return eval($run->getTaskData()['do']);
    }
}

final class Remains
{
}

final class Counter
{
    private static $count = 0;

    public static function next(): int
    {
        return ++self::$count;
    }
}

spl_autoload_register(static function (string $class): void {
    if ($class === 'OfTheSite') {
        eval('final class OfTheSite {}');
    }
});
stream_context_set_default(['http' => ['user_agent' => 'the site']]);
$GLOBALS['openOfBootstrap'] = fopen(__FILE__, 'r');
set_time_limit(30);
return [Does::class];
