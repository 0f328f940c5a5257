<?php

namespace TaskQueue\Messenger;

use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Event\WorkerMessageFailedEvent;
use Symfony\Component\Messenger\Event\WorkerMessageHandledEvent;
use Symfony\Component\Messenger\Event\WorkerMessageReceivedEvent;
use Symfony\Component\Messenger\Exception\HandlerFailedException;
use Symfony\Component\Messenger\MessageBusInterface;
use Symfony\Component\Messenger\Stamp\ConsumedByWorkerStamp;
use Symfony\Component\Messenger\Stamp\DelayStamp;
use Symfony\Component\Messenger\Stamp\HandledStamp;
use Symfony\Component\Messenger\Stamp\ReceivedStamp;
use Symfony\Component\Messenger\Stamp\RedeliveryStamp;
use Symfony\Component\Messenger\Stamp\TransportMessageIdStamp;
use Symfony\Contracts\EventDispatcher\EventDispatcherInterface;
use TaskQueue\GiveUp;
use TaskQueue\ITaskHandler;
use TaskQueue\RetryAfter;
use TaskQueue\Snooze;
use TaskQueue\TaskRun;

/** Handles the task of a message: dispatches it to the site's bus, as a Messenger worker does. */
final class MessageHandler implements ITaskHandler
{
    private const REST_MILLISECONDS = 1000;  // wait before the rest of a message, doubled with each failure
    private const MOST_DOUBLINGS = 12;
    private const REFUSED_SECONDS = 60;  // wait after a listener has said that the message is not to be handled now

    /** @var Transport */
    private $transport;
    /** @var MessageBusInterface */
    private $bus;
    /** @var EventDispatcherInterface|null */
    private $events;

    public function __construct(Transport $transport, MessageBusInterface $bus, ?EventDispatcherInterface $events)
    {
        $this->transport = $transport;
        $this->bus = $bus;
        $this->events = $events;
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        $name = $this->transport->getSettings()->transportName;
        $run = new TaskRunStamp($taskRun, $name);
        $envelope = $this->transport->getData()->decode($taskRun->getTaskData())
            ->with($run, new TransportMessageIdStamp($taskRun->getTaskQueueId()));
        $failed = self::failedRuns($taskRun);
        if ($failed > 0) {
            $earlier = RedeliveryStamp::getRetryCountFromEnvelope($envelope);
            $envelope = $envelope->with(new RedeliveryStamp($earlier + $failed));
        }
        $received = new WorkerMessageReceivedEvent($envelope, $name);
        $this->tell($received);
        if (!$received->shouldHandle()) {
            throw new Snooze(self::REFUSED_SECONDS);
        }
        $envelope = $received->getEnvelope();
        try {
            $envelope = $this->bus->dispatch($envelope->with(new ReceivedStamp($name), new ConsumedByWorkerStamp()));
        } catch (\Throwable $thrown) {
            throw $this->outcomeOf($thrown, $thrown instanceof HandlerFailedException ? $thrown->getEnvelope() : $envelope, $run);
        }
        $this->tell(new WorkerMessageHandledEvent($envelope, $name));
        return self::resultsOf($envelope);
    }

    /** Returns what is to be thrown so that the queue does what Messenger, or its exceptions, want. */
    private function outcomeOf(\Throwable $thrown, Envelope $envelope, TaskRunStamp $run): \Throwable
    {
        $failure = new Failure($thrown);
        if ($failure->isOfQueue()) {
            return $failure->asOutcome();
        }
        if ($this->transport->getSettings()->retry === TransportSettings::RETRY_BY_MESSENGER) {
            // Its listeners send the envelope again to retry it, and to the failure transport when they give up.
            $this->tell(new WorkerMessageFailedEvent($envelope, $this->transport->getSettings()->transportName, $thrown));
            $outcome = $run->getRetryDelay() === null
                ? new GiveUp($failure->code(), $failure->message(), $thrown)
                : new RetryAfter($failure->code(), $failure->message(), $run->getRetryDelay() / 1000, $thrown);
        } else {
            $outcome = $failure->asOutcome();
            if (!$outcome instanceof GiveUp && $envelope->last(HandledStamp::class) !== null) {
                $this->sendRest($envelope, $run);
            }
        }
        $rest = $run->getRestTaskId();
        $told = "Some handlers are done; task $rest does the rest. {$failure->message()}";
        return $rest === null ? $outcome : new GiveUp('partly_handled', $told, $thrown);
    }

    /** A further try of the task would call the handlers that are done, too, since TaskData stays as it was. */
    private function sendRest(Envelope $envelope, TaskRunStamp $run): void
    {
        $failed = self::failedRuns($run->getTaskRun()) + 1;
        $left = (int)($run->getTaskRun()->getTask()['MaxRetries'] ?? 0) - $failed;
        if ($left > 0) {
            $task = array_intersect_key($run->getTaskRun()->getTask(), ['Queue' => 1, 'Priority' => 1, 'Title' => 1]);
            $delay = self::REST_MILLISECONDS * 2 ** min($failed - 1, self::MOST_DOUBLINGS);
            $retry = $envelope->with(new TaskStamp($task), new RedeliveryStamp($failed), new DelayStamp($delay));
            $run->leaveRestTo($this->transport->add($retry, $left));
        }
    }

    private static function failedRuns(TaskRun $taskRun): int
    {
        return (int)($taskRun->getTask()['TaskRunsFailed'] ?? 0);
    }

    private function tell(object $event): void
    {
        if ($this->events !== null) {
            $this->events->dispatch($event);
        }
    }

    /** Returns what the message's handler has returned; of several handlers by their names. */
    private static function resultsOf(Envelope $envelope)
    {
        $results = [];
        foreach ($envelope->all(HandledStamp::class) as $stamp) {
            if ($stamp->getResult() !== null) {
                $results[$stamp->getHandlerName()] = $stamp->getResult();
            }
        }
        return count($results) > 1 ? $results : array_pop($results);
    }
}
