<?php

namespace TaskQueue;

/** The answers of TaskQueue::cancel(). */
final class CancelOutcome
{
    public const CANCELLED = 'cancelled';  // it was waiting or parked, and will not run
    public const REQUESTED = 'requested';  // it is running: its runner was asked to stop it
    public const ALREADY_ENDED = 'already_ended';
    public const NO_SUCH_TASK = 'no_such_task';
}
