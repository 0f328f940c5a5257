<?php

namespace TaskQueue\Worker;

/**
 * The files of PHP code that were loaded. A file is loaded once: what it has registered must not be taken away while it
 * stays loaded.
 */
final class LoadedFiles
{
    /** @var int */
    private $count;

    public function __construct()
    {
        $this->count = count(get_included_files());
    }

    public function haveGrown(): bool
    {
        return count(get_included_files()) > $this->count;
    }
}
