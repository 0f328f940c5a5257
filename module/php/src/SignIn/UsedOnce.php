<?php

namespace TaskQueue\SignIn;

/** Remembers used hand-overs as empty files in a directory that only this script writes. */
final class UsedOnce
{
    /** @var string */
    private $directory;
    /** @var int */
    private $keptSeconds;

    /** @param int $keptSeconds how long a name is remembered; it must exceed the validity of what has the name */
    public function __construct(string $directory, int $keptSeconds)
    {
        $this->directory = $directory;
        $this->keptSeconds = $keptSeconds;
    }

    /**
     * Only the first call with a name returns true, even among concurrent calls.
     *
     * @param string $name any bytes
     * @throws \RuntimeException when the directory cannot be written, so no person is let in
     */
    public function take(string $name): bool
    {
        $file = $this->directory . '/' . hash('sha256', $name);
        $made = @fopen($file, 'x');
        if ($made === false) {
            clearstatcache();
            if (is_file($file)) {
                return false;
            }
            throw new \RuntimeException("the directory '{$this->directory}' of used links cannot be written: it must belong to the user of php-fpm");
        }
        fclose($made);
        $this->forgetOld();
        return true;
    }

    private function forgetOld(): void
    {
        foreach (scandir($this->directory) ?: [] as $name) {
            $file = "{$this->directory}/$name";
            if (strlen($name) === 64 && (int)@filemtime($file) < time() - $this->keptSeconds) {
                @unlink($file);
            }
        }
    }
}
