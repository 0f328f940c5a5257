<?php

namespace TaskQueue;

/** A transport enqueues tasks. */
interface Transport
{
    /**
     * Enqueues the task and returns its Id; of a live task with the same UniqueKey, the Id of that one.
     *
     * @throws EnqueueError when it is refused
     */
    public function enqueue(NewTask $task): int;
}
