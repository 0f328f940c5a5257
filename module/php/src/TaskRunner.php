<?php

namespace TaskQueue;

/** A runner that may begin to work (Manager::getTaskRunner). */
final class TaskRunner
{
    /** @var Events */
    private $events;

    public function __construct(Events $events)
    {
        $this->events = $events;
    }

    /**
     * Works until the runner ends: through the command line until it is stopped, over HTTP until nothing is due. If
     * enough runners work by now, it does nothing.
     *
     * @return array<string, mixed> what it did
     */
    public function process(): array
    {
        return $this->events->trigger('task-runner:OnProcess');
    }
}
