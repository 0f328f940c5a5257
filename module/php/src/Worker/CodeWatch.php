<?php

namespace TaskQueue\Worker;

/** Detects changes of the code that this worker has loaded, also of files that it loads later. */
final class CodeWatch
{
    /** @var FileWatch */
    private $files;
    /** @var int */
    private $count = 0;
    /** @var int unix seconds */
    private $since;
    /** @var bool */
    private $hasChanged = false;

    /** @param int $since the time before the bootstrap file was loaded, in unix seconds */
    public function __construct(string $bootstrap, int $since)
    {
        $this->files = new FileWatch();
        $this->since = $since;
        $this->files->add([$bootstrap], $since);  // it may be a link, which a deployment changes
        $this->addLoaded();
    }

    /** Once true, it stays so. */
    public function hasChanged(): bool
    {
        $this->addLoaded();
        return $this->hasChanged = $this->hasChanged || $this->files->hasChanged();
    }

    private function addLoaded(): void
    {
        $loaded = get_included_files();
        $now = time();
        if (count($loaded) > $this->count) {
            $this->files->add(array_slice($loaded, $this->count), $this->since);
            $this->count = count($loaded);
        }
        $this->since = $now;
    }
}
