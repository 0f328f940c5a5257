<?php

namespace TaskQueue\Messenger;

use Symfony\Component\Messenger\Exception\TransportException;
use Symfony\Component\Messenger\Transport\Serialization\SerializerInterface;
use Symfony\Component\Messenger\Transport\TransportFactoryInterface;
use Symfony\Component\Messenger\Transport\TransportInterface;
use TaskQueue\SignedData;
use TaskQueue\SiteClient;
use TaskQueue\TaskQueue;

/** Makes the transports of DSNs that begin with taskqueue:// or taskqueue+https://. */
final class TransportFactory implements TransportFactoryInterface
{
    /** @var object|array<string, mixed> */
    private $connections;
    /** @var SignedData */
    private $signing;

    /**
     * @param object|array<string, mixed> $connections Doctrine's registry of connections, or connections by name. Each is a PDO, a
     *     mysqli, a connection of Doctrine, or a function that returns one of these. An empty array will do for the API
     * @param string|string[] $secret signs the messages, such as %kernel.secret%; further ones are accepted as well
     */
    public function __construct($connections, $secret)
    {
        $this->connections = $connections;
        $this->signing = new SignedData('Messenger', $secret);
    }

    public function supports(string $dsn, array $options): bool
    {
        return TransportSettings::supports($dsn);
    }

    public function createTransport(string $dsn, array $options, SerializerInterface $serializer): TransportInterface
    {
        $settings = new TransportSettings($dsn, $options);
        $isReadable = $settings->serializer === TransportSettings::READABLE;
        $data = new MessageData($isReadable ? new ReadableSerializer() : $serializer, $this->signing);
        return new Transport($settings, $data, new SiteClient(function () use ($settings) {
            return $settings->connection === null
                ? TaskQueue::overHttp($settings->address, $settings->apiToken)
                : $this->open($settings->connection);
        }, $settings->prefix, $settings->wakeDirectory));
    }

    /** @return \PDO|\mysqli */
    private function open(string $name)
    {
        $connection = $this->find($name);
        if (is_object($connection) && method_exists($connection, 'getNativeConnection')) {
            $connection = $connection->getNativeConnection();
        }
        if (!$connection instanceof \PDO && !$connection instanceof \mysqli) {
            throw new TransportException("The connection $name is neither a PDO nor a mysqli.");
        }
        return $connection;
    }

    /** @return mixed */
    private function find(string $name)
    {
        try {
            $all = $this->connections;
            $connection = is_array($all) ? $all[$name] ?? null : $all->getConnection($name);
        } catch (\InvalidArgumentException $problem) {
            $connection = null;
        }
        if ($connection === null) {
            throw new TransportException("There is no connection $name, which the DSN of the transport names.");
        }
        return $connection instanceof \Closure ? $connection() : $connection;
    }
}
