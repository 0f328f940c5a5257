<?php
// The handlers of worker_test.php: TaskData 'do' is PHP code of the run, which sees the run as $run.

use TaskQueue\ITaskHandler;
use TaskQueue\TaskRun;

final class Does implements ITaskHandler
{
    public function handleTaskRun(TaskRun $run)
    {
        return eval($run->getTaskData()['do']);
    }
}

/** Can be serialized once; a second call throws. */
final class Once implements JsonSerializable
{
    private $asked = 0;

    #[\ReturnTypeWillChange]
    public function jsonSerialize()
    {
        if (++$this->asked > 1) {
            throw new LogicException('asked twice');
        }
        return 'asked once';
    }
}

/** Garbage in a reference cycle, whose destructor has an effect. */
final class Remains
{
    private $self;
    private $action;

    public function __construct(callable $action)
    {
        $this->self = $this;
        $this->action = $action;
    }

    public function __destruct()
    {
        ($this->action)();
    }
}

chdir('/usr');
ob_start();  // a site may
echo 'from the bootstrap';
return [Does::class];
