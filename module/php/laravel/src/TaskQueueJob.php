<?php

namespace TaskQueue\Laravel;

use Illuminate\Contracts\Container\Container;
use Illuminate\Contracts\Queue\Job as JobContract;
use Illuminate\Queue\Jobs\Job;
use Illuminate\Queue\ManuallyFailedException;
use TaskQueue\GiveUp;
use TaskQueue\RetryAfter;
use TaskQueue\Snooze;
use TaskQueue\Stopped;
use TaskQueue\TaskRun;

/** A task's run, as a job of Laravel sees it: `$this->job`. */
final class TaskQueueJob extends Job implements JobContract
{
    /** @var TaskRun */
    private $taskRun;
    /** @var string */
    private $rawBody;
    /** @var int seconds that release() has asked for */
    private $releaseDelay = 0;
    /** @var \Throwable|null why the job has failed for good */
    private $failure;
    /** @var \Throwable|null an exception of the queue that ended the job */
    private $ending;

    public function __construct(Container $container, TaskRun $taskRun, string $rawBody, string $connectionName, string $queue)
    {
        $this->container = $container;
        $this->taskRun = $taskRun;
        $this->rawBody = $rawBody;
        $this->connectionName = $connectionName;
        $this->queue = $queue;
    }

    /** Returns the run: for progress, Results, stops and masks. */
    public function taskRun(): TaskRun
    {
        return $this->taskRun;
    }

    /** The exceptions of the queue decide by themselves what comes next. */
    public function fire()
    {
        try {
            parent::fire();
        } catch (GiveUp $thrown) {
            $this->fail($thrown);
        } catch (RetryAfter $thrown) {
            $this->ending = $thrown;
            $this->release($thrown->getSeconds());
        } catch (Snooze | Stopped $thrown) {
            $this->ending = $thrown;
            $this->release();
        }
    }

    public function release($delay = 0)
    {
        parent::release($delay);
        $this->releaseDelay = max(0, $this->secondsUntil($delay));
    }

    public function fail($e = null)
    {
        $given = $e instanceof \Throwable ? $e : new ManuallyFailedException(is_string($e) ? $e : 'The job called fail().');
        $this->failure = $this->failure ?? $given;
        parent::fail($e);
    }

    /** Returns the number of this attempt since the task was added, or was retried by hand. */
    public function attempts()
    {
        return (int)($this->taskRun->getTask()['TaskRunsFailed'] ?? 0) + 1;
    }

    public function getJobId()
    {
        return (string)$this->taskRun->getTaskQueueId();
    }

    public function getRawBody()
    {
        return $this->rawBody;
    }

    /** @internal */
    public function getReleaseDelay(): int
    {
        return $this->releaseDelay;
    }

    /** @internal */
    public function getFailure(): ?\Throwable
    {
        return $this->failure;
    }

    /** @internal */
    public function getEnding(): ?\Throwable
    {
        return $this->ending;
    }
}
