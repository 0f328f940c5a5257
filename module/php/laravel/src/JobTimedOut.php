<?php

namespace TaskQueue\Laravel;

/** Is thrown into a job that has run longer than its timeout. */
final class JobTimedOut extends \RuntimeException
{
}
