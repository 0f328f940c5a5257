<?php

namespace TaskQueue\Messenger;

use Psr\Container\ContainerInterface;
use Symfony\Component\Messenger\MessageBusInterface;
use Symfony\Contracts\EventDispatcher\EventDispatcherInterface;
use Symfony\Contracts\Service\ResetInterface;
use TaskQueue\Worker\Worker;

/** Gives worker.php its handlers for the messages of transports. It belongs into the bootstrap file. */
final class Handlers
{
    /** @var ContainerInterface|array<string, Transport> */
    private $transports;
    /** @var MessageBusInterface */
    private $bus;
    /** @var EventDispatcherInterface|null */
    private $events;
    /** @var ResetInterface|null */
    private $resetter;
    /** @var object|null */
    private $doctrine;

    /**
     * @param ContainerInterface|array<string, Transport> $transports by name, such as messenger.receiver_locator
     * @param MessageBusInterface $bus such as messenger.routable_message_bus
     * @param EventDispatcherInterface|null $events gets the events of a Messenger worker; needed with retry=messenger
     * @param ResetInterface|null $resetter is called after each run, such as services_resetter
     * @param object|null $doctrine the registry whose connections are opened anew when the server has closed one
     */
    public function __construct(
        $transports,
        MessageBusInterface $bus,
        ?EventDispatcherInterface $events = null,
        ?ResetInterface $resetter = null,
        ?object $doctrine = null
    ) {
        $this->transports = $transports;
        $this->bus = $bus;
        $this->events = $events;
        $this->resetter = $resetter;
        $this->doctrine = $doctrine;
    }

    /**
     * Returns the handlers of these transports for the bootstrap file to return, and registers the hooks of the worker.
     *
     * @return array<string, \Closure>
     */
    public function of(string ...$transportNames): array
    {
        $handlers = [];
        $transports = [];
        foreach ($transportNames as $name) {
            $transport = is_array($this->transports) ? $this->transports[$name] ?? null : $this->transports->get($name);
            if (!$transport instanceof Transport) {
                throw new \InvalidArgumentException("The transport $name is no transport of taskqueue://.");
            }
            $transports[] = $transport;
            $settings = $transport->getSettings();
            if ($settings->retry === TransportSettings::RETRY_BY_MESSENGER && $this->events === null) {
                throw new \InvalidArgumentException("The transport $name has retry=messenger, which needs the events.");
            }
            foreach (array_merge([$settings->handler], $settings->messages) as $class) {
                if (isset($handlers[$class])) {
                    throw new \InvalidArgumentException("Two transports have the handler $class: give one of them handler=…");
                }
                $handlers[$class] = function () use ($transport): MessageHandler {
                    return new MessageHandler($transport, $this->bus, $this->events);
                };
            }
        }
        $this->addHooks($transports);
        return $handlers;
    }

    /** @param Transport[] $transports */
    private function addHooks(array $transports): void
    {
        $resetter = $this->resetter;
        if ($resetter !== null) {
            Worker::afterRun([$resetter, 'reset']);
        }
        $close = function () use ($transports): void {
            foreach ($transports as $transport) {
                $transport->forgetConnection();
            }
            foreach ($this->doctrine === null ? [] : $this->doctrine->getConnections() as $connection) {
                $connection->close();  // Doctrine connects again at the next use
            }
        };
        if ($this->doctrine !== null) {
            Worker::onLostConnection($close);
            Worker::afterFork($close);
        }
    }
}
