<?php

namespace TaskQueue;

/** The answers of TaskQueue::retry(). */
final class RetryOutcome
{
    public const SCHEDULED = 'scheduled';          // it runs again at once, with all its tries
    public const STILL_RUNNING = 'still_running';  // cancel it first, or wait for its end
    public const KEY_TAKEN = 'key_taken';          // another live task holds its UniqueKey
    public const NO_SUCH_TASK = 'no_such_task';
}
