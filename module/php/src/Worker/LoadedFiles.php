<?php

namespace TaskQueue\Worker;

/** The loaded PHP files. A file is loaded only once, so what it registered must stay registered. */
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
