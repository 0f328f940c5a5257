<?php

namespace TaskQueue\Laravel;

use Illuminate\Contracts\Container\Container;
use Illuminate\Queue\Connectors\ConnectorInterface;
use TaskQueue\SignedData;
use TaskQueue\TaskQueue;

/** Opens queue connections of the driver taskqueue. */
final class TaskQueueConnector implements ConnectorInterface
{
    /** @var Container */
    private $container;

    public function __construct(Container $container)
    {
        $this->container = $container;
    }

    public function connect(array $config)
    {
        $settings = new ConnectionSettings($config);
        $application = $this->container['config'];
        $keys = array_merge([$application['app.key'] ?? ''], (array)($application['app.previous_keys'] ?? []));
        $data = new JobData(new SignedData($keys));
        if ($settings->url !== null) {
            return new JobQueue($settings, $data, static function () use ($settings): TaskQueue {
                return TaskQueue::overHttp($settings->url, $settings->token);
            });
        }
        return new JobQueue($settings, $data, function () use ($settings): TaskQueue {
            // A job is not refused because no runner has been started yet.
            $pdo = $this->container['db']->connection($settings->database)->getPdo();
            return TaskQueue::overDatabase($pdo, $settings->prefix, TaskQueue::PARK_UNKNOWN_HANDLERS);
        }, $this->container['db']);
    }
}
