<?php

namespace TaskQueue;

/** The queue's rules do not allow the row that an event is about. The message says why. */
class EventRefused extends \RuntimeException implements ClientError
{
    use ExplainsError;
}
