<?php

namespace TaskQueue\Messenger;

use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Exception\TransportException;
use Symfony\Component\Messenger\Stamp\DelayStamp;
use Symfony\Component\Messenger\Stamp\HandledStamp;
use Symfony\Component\Messenger\Stamp\RedeliveryStamp;
use Symfony\Component\Messenger\Stamp\SentToFailureTransportStamp;
use Symfony\Component\Messenger\Stamp\TransportMessageIdStamp;
use Symfony\Component\Messenger\Transport\TransportInterface;
use TaskQueue\SiteClient;

/** Sends messages as tasks. Runners handle them; `messenger:consume` does not. */
final class Transport implements TransportInterface
{
    private const NO_RECEIVER = 'Task-runners handle the messages of a taskqueue transport, in worker.php; '
        . 'messenger:consume is not used for it. See the README of taskqueue/messenger.';

    /** @var TransportSettings */
    private $settings;
    /** @var MessageData */
    private $data;
    /** @var SiteClient */
    private $client;

    public function __construct(TransportSettings $settings, MessageData $data, SiteClient $client)
    {
        $this->settings = $settings;
        $this->data = $data;
        $this->client = $client;
    }

    public function send(Envelope $envelope): Envelope
    {
        $run = $this->runToRetry($envelope);
        if ($run !== null && $envelope->last(HandledStamp::class) === null) {
            $run->retryIn(self::delayOf($envelope));  // the task stays, and its history with it
            return $envelope;
        }
        $id = $this->add($envelope, $this->settings->maxRetries);
        if ($run !== null) {
            $run->leaveRestTo($id);
        }
        return $envelope->with(new TransportMessageIdStamp($id));
    }

    /** Returns the run that Messenger wants to be retried by sending the envelope; null if it sends a new message. */
    private function runToRetry(Envelope $envelope): ?TaskRunStamp
    {
        $run = $envelope->last(TaskRunStamp::class);
        $isRetry = $run !== null && $envelope->last(RedeliveryStamp::class) !== null
            && $envelope->last(SentToFailureTransportStamp::class) === null;
        return $isRetry && $run->isOf($this->settings->transportName) ? $run : null;
    }

    /**
     * Adds a task and returns its Id.
     *
     * @internal
     * @throws TransportException when the task is refused, or the queue cannot be used
     */
    public function add(Envelope $envelope, ?int $maxRetries): int
    {
        $class = get_class($envelope->getMessage());
        $isListed = in_array($class, $this->settings->messages, true);
        $options = TaskStamp::optionsOf($envelope) + $this->settings->taskOptions + ($isListed ? [] : ['Title' => $class]);
        $seconds = (int)ceil(self::delayOf($envelope) / 1000);
        $scheduledOn = $seconds > 0 ? time() + $seconds : null;
        try {
            return $this->client->get()->addTask($isListed ? $class : $this->settings->handler, $this->data->encode($envelope),
                $scheduledOn, $maxRetries, $options);
        } catch (\RuntimeException $problem) {
            throw $problem instanceof TransportException ? $problem : new TransportException($problem->getMessage(), 0, $problem);
        }
    }

    /** Returns milliseconds. */
    private static function delayOf(Envelope $envelope): int
    {
        $delay = $envelope->last(DelayStamp::class);
        return $delay === null ? 0 : max(0, $delay->getDelay());
    }

    public function get(): iterable
    {
        throw new TransportException(self::NO_RECEIVER);
    }

    public function ack(Envelope $envelope): void
    {
        throw new TransportException(self::NO_RECEIVER);
    }

    public function reject(Envelope $envelope): void
    {
        throw new TransportException(self::NO_RECEIVER);
    }

    /** @internal */
    public function getSettings(): TransportSettings
    {
        return $this->settings;
    }

    /** @internal */
    public function getData(): MessageData
    {
        return $this->data;
    }

    /** @internal */
    public function forgetConnection(): void
    {
        $this->client->forget();
    }
}
