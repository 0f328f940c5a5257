<?php

namespace TaskQueue\Laravel;

use Illuminate\Support\ServiceProvider;

/** Makes the driver taskqueue known to Laravel's queues. */
final class TaskQueueServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->callAfterResolving('queue', function ($manager): void {
            $manager->addConnector('taskqueue', function (): TaskQueueConnector {
                return new TaskQueueConnector($this->app);
            });
        });
    }
}
