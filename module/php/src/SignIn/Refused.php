<?php

namespace TaskQueue\SignIn;

/** Refuses an invalid link or session, with a reason for the log. The message never holds a secret. */
final class Refused extends \RuntimeException
{
}
