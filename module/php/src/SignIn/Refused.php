<?php

namespace TaskQueue\SignIn;

/** A link or session that does not count, with a reason for the log. It never holds any secret. */
final class Refused extends \RuntimeException
{
}
