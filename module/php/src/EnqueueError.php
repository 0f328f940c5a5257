<?php

namespace TaskQueue;

/** The task was refused, and nothing was enqueued; the message says what is wrong. */
class EnqueueError extends \RuntimeException
{
}
