<?php
// The handlers of doubles_test.php and fakes_test.php, and a check that an assertion fails.

use TaskQueue\AssertionFailed;
use TaskQueue\CancelOutcome;
use TaskQueue\GiveUp;
use TaskQueue\IDeclaredTaskHandler;
use TaskQueue\IFailedTaskHandler;
use TaskQueue\ITaskHandler;
use TaskQueue\RetryAfter;
use TaskQueue\Settings;
use TaskQueue\Snooze;
use TaskQueue\Task;
use TaskQueue\TaskQueue;
use TaskQueue\TaskRun;
use TaskQueue\TaskRunItem;
use TaskQueue\Unique;

/** Ends as its data says. */
final class Ends implements IDeclaredTaskHandler
{
    public static function getTaskHandlerSettings(): array
    {
        return ['MaxRetries' => 2, 'Queue' => 'slow', 'Priority' => 1, 'RetryDelaySeconds' => 30];
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        $data = $taskRun->getTaskData();
        $taskRun->setProgress(42, 'half');
        echo "attempt {$taskRun->getAttempt()}";
        switch ($data['how']) {
            case 'error':
                $taskRun->setResults(['kept' => 1]);
                throw new RuntimeException('it broke');
            case 'warning':
                trigger_error('low on fuel', E_USER_WARNING);
                return null;
            case 'give up':
                throw new GiveUp('bad_file', 'no such column');
            case 'retry after':
                throw new RetryAfter('busy', 'later', 90);
            case 'snooze':
                throw new Snooze(7);
            case 'results':
                $taskRun->setResults(['rows' => 3]);
                return null;
            case 'no JSON':
                return NAN;
            case 'open buffer':
                ob_start();
                echo ' buffered';
        }
        return ['task' => $taskRun->getTaskQueueId(), 'title' => $taskRun->getTask()['Title']];
    }
}

final class WithSchema implements IDeclaredTaskHandler
{
    public static function getTaskHandlerSettings(): array
    {
        $rows = ['type' => 'integer', 'minimum' => 0];
        return ['DataSchema' => ['type' => 'object', 'required' => ['file'], 'properties' => ['rows' => $rows]]];
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        return null;
    }
}

/** Is told when a task is given up, and logs. */
final class TellsFailure implements IDeclaredTaskHandler, IFailedTaskHandler
{
    /** @var string[] */
    public static $failed = [];

    public static function getTaskHandlerSettings()
    {
        return Settings::tries(2)->backoff(5, 60)->uniqueFor(30);
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        $taskRun->logger()->warning('row {row} is odd', ['row' => 7, 'file' => 'a.csv']);
        if (($taskRun->getTaskData()['by'] ?? '') === 'item') {
            $taskRun->SetDBField('ErrorCode', 'odd');
            $taskRun->Update();
            return null;
        }
        throw new RuntimeException('odd');
    }

    public function failed(TaskRunItem $taskRun, Throwable $error): void
    {
        self::$failed[] = "{$taskRun->getAttempt()} {$error->getMessage()}";
        throw new LogicException('changes nothing');
    }
}

/** Uses the queue that enqueued it. */
final class UsesQueue implements ITaskHandler
{
    /** @var TaskQueue */
    public static $queue;

    public function handleTaskRun(TaskRun $taskRun)
    {
        $how = $taskRun->getTaskData()['how'];
        if ($how === 'add') {
            $id = self::$queue->addTask('UsesQueue', ['how' => 'look']);
            return ['child' => $id, 'status' => self::$queue->find($id)->status];
        }
        if ($how === 'cancel') {
            $outcome = self::$queue->cancel($taskRun->getTaskQueueId());
            check($outcome === CancelOutcome::REQUESTED, 'a running task is asked to stop');
            $taskRun->stopIfAsked('halfway');
        }
        if ($how === 'replace') {
            self::$queue->addTask(Task::of('UsesQueue', ['how' => 'look'])->unique('self', Unique::Replace));
            throw new RuntimeException('not tried again');
        }
        return null;
    }
}

final class Told implements IFailedTaskHandler
{
    /** @var list<string> */
    public static $told = [];

    public function handleTaskRun(TaskRun $taskRun)
    {
        throw new DomainException("attempt {$taskRun->getAttempt()}");
    }

    public function failed(TaskRun $taskRun, Throwable $error): void
    {
        self::$told[] = $error->getMessage();
    }
}

function fails(callable $action, string $part): void
{
    try {
        $action();
    } catch (AssertionFailed $failed) {
        check(strpos($failed->getMessage(), $part) !== false, "'{$failed->getMessage()}' speaks of $part");
        return;
    }
    check(false, "fails for $part");
}
