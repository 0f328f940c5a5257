<?php

namespace TaskQueue\Worker;

/** Detects changes of files, and files that appear or disappear beside them. */
final class FileWatch
{
    private const LOOK_SECONDS = 1;
    private const MOST_FILES = 2000;  // the first ones

    /** @var array<string, string> what each file and directory was like */
    private $seen = [];

    /** @param string[] $files what was loaded; `$since` is the time before that, in unix seconds */
    public function __construct(array $files, int $since)
    {
        $files = array_slice(array_values(array_unique($files)), 0, self::MOST_FILES);
        foreach (array_unique(array_merge($files, array_map('dirname', $files))) as $path) {
            $state = self::stateOf($path);
            $isNewer = is_file($path) && filemtime($path) >= $since;
            // What has changed since it was read counts as a change.
            $this->seen[$path] = $isNewer && filemtime($path) <= time() ? '' : $state;
        }
    }

    /** Returns when something has changed, or after so many seconds. */
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
