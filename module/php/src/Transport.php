<?php

namespace TaskQueue;

/** A transport enqueues tasks. */
interface Transport
{
    /**
     * Enqueues the task and returns its Id. If a live task holds the same UniqueKey, its Id is returned.
     *
     * @throws EnqueueError when the task is refused
     */
    public function enqueue(NewTask $task): int;
}
