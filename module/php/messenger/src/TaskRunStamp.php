<?php

namespace TaskQueue\Messenger;

use Symfony\Component\Messenger\Stamp\NonSendableStampInterface;
use TaskQueue\TaskRun;

/** Marks a message that a worker handles. Middleware gets the run from it, for progress, Results, stops and masks. */
final class TaskRunStamp implements NonSendableStampInterface
{
    /** @var TaskRun */
    private $taskRun;
    /** @var string */
    private $transportName;
    /** @var int|null delay in milliseconds after which Messenger wants to handle the message again */
    private $retryDelay;
    /** @var int|null the task that does what is left of the message */
    private $restTaskId;

    public function __construct(TaskRun $taskRun, string $transportName)
    {
        $this->taskRun = $taskRun;
        $this->transportName = $transportName;
    }

    public function getTaskRun(): TaskRun
    {
        return $this->taskRun;
    }

    /** @internal */
    public function isOf(string $transportName): bool
    {
        return $this->transportName === $transportName;
    }

    /** @internal */
    public function retryIn(int $milliseconds): void
    {
        $this->retryDelay = $milliseconds;
    }

    /** @internal */
    public function leaveRestTo(int $taskId): void
    {
        $this->restTaskId = $taskId;
    }

    /** @internal */
    public function getRetryDelay(): ?int
    {
        return $this->retryDelay;
    }

    /** @internal */
    public function getRestTaskId(): ?int
    {
        return $this->restTaskId;
    }
}
