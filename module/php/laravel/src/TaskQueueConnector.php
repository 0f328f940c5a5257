<?php

namespace TaskQueue\Laravel;

use Illuminate\Contracts\Container\Container;
use Illuminate\Queue\Connectors\ConnectorInterface;
use TaskQueue\SignedData;
use TaskQueue\SiteClient;
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
        $data = new JobData(new SignedData('Laravel', $keys));
        if ($settings->url !== null) {
            return new JobQueue($settings, $data, new SiteClient(static function () use ($settings): TaskQueue {
                return TaskQueue::overHttp($settings->url, $settings->token);
            }));
        }
        $databases = $this->container['db'];
        return new JobQueue($settings, $data, new SiteClient(static function () use ($databases, $settings): \PDO {
            return $databases->connection($settings->database)->getPdo();
        }, $settings->prefix, $settings->wakeDirectory), $databases);
    }
}
