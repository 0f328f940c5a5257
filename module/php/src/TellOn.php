<?php

namespace TaskQueue;

/** The ends of a task that send a notification. */
final class TellOn
{
    public const Success = 'success';
    public const Failure = 'failure';
    public const Both = 'both';
}
