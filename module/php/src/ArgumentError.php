<?php

namespace TaskQueue;

/** An argument of the client, other than a task, is wrong. */
class ArgumentError extends \InvalidArgumentException implements ClientError
{
    use ExplainsError;
}
