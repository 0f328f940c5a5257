<?php

namespace TaskQueue;

/** The queue could not be used. Its code is the database's error number or the HTTP status; 0 if there is none. */
class UnavailableError extends \RuntimeException implements ClientError
{
    use ExplainsError;
}
