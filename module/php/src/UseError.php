<?php

namespace TaskQueue;

/** The call is impossible at this place of the program. */
class UseError extends \LogicException implements ClientError
{
    use ExplainsError;
}
