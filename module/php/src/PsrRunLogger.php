<?php

namespace TaskQueue;

/** The run's logger where the site has psr/log, in any of its versions. */
final class PsrRunLogger extends RunLogger implements \Psr\Log\LoggerInterface
{
}
