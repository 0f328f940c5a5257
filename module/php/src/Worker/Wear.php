<?php

namespace TaskQueue\Worker;

/** How much a persistent worker has done and grown, beside the options --recycle-runs, -seconds and -megabytes. */
final class Wear
{
    private const MEGABYTE = 1048576;
    private const TOO_MUCH_TIMES = 2;  // multiple of --recycle-megabytes

    /** @var Options */
    private $options;
    /** @var float */
    private $startedAt;
    /** @var int */
    private $runs = 0;

    public function __construct(Options $options)
    {
        $this->options = $options;
        $this->startedAt = microtime(true);
    }

    public function countRun(): void
    {
        ++$this->runs;
    }

    /** Returns whether the worker should be replaced. */
    public function isDue(): bool
    {
        return $this->runs >= $this->options->recycleRuns
            || microtime(true) - $this->startedAt >= $this->options->recycleSeconds
            || memory_get_usage(true) >= $this->options->recycleMegabytes * self::MEGABYTE;
    }

    /**
     * Returns whether the worker must end without a ready successor, which may take long while the bootstrap file is
     * broken.
     */
    public function isTooMuch(): bool
    {
        return memory_get_usage(true) >= self::TOO_MUCH_TIMES * $this->options->recycleMegabytes * self::MEGABYTE;
    }
}
