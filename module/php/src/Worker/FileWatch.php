<?php

namespace TaskQueue\Worker;

/** Detects changes of files, and files that appear or disappear beside them. */
final class FileWatch
{
    private const LOOK_SECONDS = 1;
    private const MOST_FILES = 2000;  // only this many files are watched

    /** @var array<string, string> state of each file and directory */
    private $seen = [];

    /** Watches also the directories of the files. `$since` is the time before they were loaded, in unix seconds. */
    public static function withDirectories(array $files, int $since): self
    {
        $files = array_slice(array_values(array_unique($files)), 0, self::MOST_FILES);
        $watch = new self();
        $watch->add(array_unique(array_merge($files, array_map('dirname', $files))), $since);
        return $watch;
    }

    /** @param string[] $paths loaded since that time, in unix seconds; those that are watched already stay as they are */
    public function add(array $paths, int $since): void
    {
        foreach ($paths as $path) {
            if (isset($this->seen[$path]) || count($this->seen) >= 2 * self::MOST_FILES) {
                continue;
            }
            $state = self::stateOf($path);
            $isNewer = is_file($path) && filemtime($path) >= $since;
            // A change after the file was read counts as well.
            $this->seen[$path] = $isNewer && filemtime($path) <= time() ? '' : $state;
        }
    }

    /** Returns when something has changed, at the latest after the given seconds. */
    public function wait(int $seconds): void
    {
        $end = microtime(true) + $seconds;
        do {
            sleep(self::LOOK_SECONDS);
        } while (!$this->hasChanged() && microtime(true) < $end);
    }

    public function hasChanged(): bool
    {
        foreach ($this->seen as $path => $state) {
            if (self::stateOf($path) !== $state) {
                return true;
            }
        }
        return false;
    }

    private static function stateOf(string $path): string
    {
        clearstatcache(true, $path);
        $stat = @stat($path);
        return $stat === false ? 'none' : "{$stat['dev']} {$stat['ino']} {$stat['size']} {$stat['mtime']}";
    }
}
