<?php

namespace TaskQueue\Laravel;

use Illuminate\Contracts\Console\Kernel;
use Illuminate\Contracts\Container\Container;
use Illuminate\Queue\Events\JobFailed;
use Illuminate\Support\Facades\Facade;
use TaskQueue\Worker\Worker;

/** Boots the application in worker.php. It belongs into the bootstrap file, which returns what handlers() returns. */
final class Bootstrap
{
    /**
     * Boots the application and returns the handlers of these queue connections.
     *
     * @param Container|string $application or the file that returns it, such as bootstrap/app.php
     * @param string ...$connectionNames none: the default queue connection
     * @return array<string, \Closure>
     */
    public static function handlers($application, string ...$connectionNames): array
    {
        $application = is_string($application) ? require $application : $application;
        if ($application->bound(Kernel::class)) {
            $application->make(Kernel::class)->bootstrap();
        }
        $handlers = [];
        $queues = [];
        $logged = [];
        $timer = new JobTimer();
        foreach ($connectionNames ?: [$application['queue']->getDefaultDriver()] as $name) {
            $queue = $application['queue']->connection($name);
            if (!$queue instanceof JobQueue) {
                throw new \InvalidArgumentException("The queue connection $name does not have the driver taskqueue.");
            }
            $queues[] = $queue;
            $settings = $queue->getSettings();
            foreach (array_merge([$settings->handler], $settings->jobs) as $class) {
                if (isset($handlers[$class])) {
                    throw new \InvalidArgumentException("Two connections have the handler $class: give one another 'handler'.");
                }
                $handlers[$class] = static function () use ($application, $queue, $timer): JobHandler {
                    return new JobHandler($application, $queue, $timer);
                };
            }
            $logged[$name] = $settings->logsFailedJobs;
        }
        self::logFailedJobs($application, array_filter($logged));
        self::addHooks($application, $queues);
        return $handlers;
    }

    /**
     * As `queue:work` does, so that `queue:failed` and `queue:retry` know the jobs.
     *
     * @param array<string, bool> $connections by name
     */
    private static function logFailedJobs(Container $application, array $connections): void
    {
        $log = static function (JobFailed $event) use ($application, $connections): void {
            if (isset($connections[$event->connectionName])) {
                $job = $event->job;
                $failer = $application['queue.failer'];
                $failer->log($event->connectionName, $job->getQueue(), $job->getRawBody(), $event->exception);
            }
        };
        $application['events']->listen(JobFailed::class, $log);
    }

    /** @param JobQueue[] $queues */
    private static function addHooks(Container $application, array $queues): void
    {
        Worker::beforeRun(static function () use ($application): void {
            if ($application->bound('log') && method_exists($application['log'], 'withoutContext')) {
                $application['log']->withoutContext();
            }
            if (method_exists($application, 'forgetScopedInstances')) {
                $application->forgetScopedInstances();
            }
            Facade::clearResolvedInstances();
        });
        $disconnect = static function () use ($application, $queues): void {
            foreach ($queues as $queue) {
                $queue->forgetConnection();
            }
            foreach ($application->resolved('db') ? $application['db']->getConnections() : [] as $connection) {
                $connection->disconnect();  // Laravel connects again at the next use
            }
        };
        Worker::onLostConnection($disconnect);
        Worker::afterFork($disconnect);
        $disconnect();  // what booting has opened would be shared by the processes of --fork
    }
}
