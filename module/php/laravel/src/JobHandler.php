<?php

namespace TaskQueue\Laravel;

use Illuminate\Contracts\Container\Container;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Queue\WorkerOptions;
use TaskQueue\GiveUp;
use TaskQueue\ITaskHandler;
use TaskQueue\RetryAfter;
use TaskQueue\Snooze;
use TaskQueue\TaskRun;

/** Handles the task of a job by Laravel's own worker: its events, tries, backoff and failures hold. */
final class JobHandler implements ITaskHandler
{
    private const MAINTENANCE_SECONDS = 30;

    /** @var Container */
    private $application;
    /** @var JobQueue */
    private $queue;
    /** @var JobTimer */
    private $timer;

    public function __construct(Container $application, JobQueue $queue, JobTimer $timer)
    {
        $this->application = $application;
        $this->queue = $queue;
        $this->timer = $timer;
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        if (method_exists($this->application, 'isDownForMaintenance') && $this->application->isDownForMaintenance()) {
            throw new Snooze(self::MAINTENANCE_SECONDS);
        }
        $payload = $this->queue->getData()->decode($taskRun->getTaskData());
        $name = $this->queue->getConnectionName();
        $queueName = $taskRun->getTask()['Queue'] ?? $this->queue->getSettings()->queue;
        $job = new TaskQueueJob($this->application, $taskRun, $payload, $name, $queueName);
        $thrown = null;
        try {
            $this->startTimer($job);
            $this->worker()->process($name, $job, $this->options());
        } catch (\Throwable $thrown) {
            $this->application[ExceptionHandler::class]->report($thrown);
        } finally {
            $this->timer->stop();
        }
        $outcome = $this->outcomeOf($job, $thrown);
        if ($outcome !== null) {
            throw $outcome;
        }
        return null;
    }

    private function outcomeOf(TaskQueueJob $job, ?\Throwable $thrown): ?\Throwable
    {
        if ($job->hasFailed()) {
            $failure = $job->getFailure();
            return $failure instanceof GiveUp ? $failure : new GiveUp(get_class($failure), self::messageOf($failure), $failure);
        }
        if ($job->getEnding() !== null) {
            return $job->getEnding();
        }
        if (!$job->isReleased()) {
            return $thrown;
        }
        return $thrown === null
            ? new RetryAfter('released', 'The job has released itself.', $job->getReleaseDelay())
            : new RetryAfter(get_class($thrown), self::messageOf($thrown), $job->getReleaseDelay(), $thrown);
    }

    private static function messageOf(\Throwable $thrown): string
    {
        return "{$thrown->getMessage()} in {$thrown->getFile()}:{$thrown->getLine()}";
    }

    private function worker(): \Illuminate\Queue\Worker
    {
        $worker = $this->application['queue.worker'];
        if ($this->application->bound('cache.store')) {
            $worker->setCache($this->application['cache.store']);  // counts the exceptions of a job for maxExceptions
        }
        return $worker;
    }

    private function options(): WorkerOptions
    {
        $options = new WorkerOptions();
        $options->maxTries = $this->queue->getSettings()->tries;
        $options->backoff = $this->queue->getSettings()->backoff;
        return $options;
    }

    private function startTimer(TaskQueueJob $job): void
    {
        $seconds = (int)($job->timeout() ?? $this->queue->getSettings()->timeout);
        $this->timer->start($seconds, static function () use ($job, $seconds): void {
            $problem = new JobTimedOut("{$job->resolveName()} has run longer than its timeout of $seconds s.");
            if ($job->shouldFailOnTimeout()) {
                $job->fail($problem);
            }
            throw $problem;
        });
    }
}
