<?php

namespace TaskQueue;

/** The queue of TaskQueue::inline(). */
final class InlineQueue extends TaskQueue
{
    /** @var FakeTransport */
    private $memory;

    public function __construct(FakeTransport $memory)
    {
        $this->memory = $memory;
        parent::__construct(new InlineTransport($memory));
    }

    /** Returns what the newest run of the task has written to standard output. */
    public function getOutput(int $id): string
    {
        return $this->memory->outputOf($id);
    }
}
