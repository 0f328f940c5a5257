<?php

namespace TaskQueue\SignIn;

/**
 * Remembers sessions that were ended early, as files in the directory of used links. A copied cookie ends with its
 * session. The CMS calls endAllOf() when it removes or demotes an administrator:
 *
 *     (new TaskQueue\SignIn\SessionEnds('/var/lib/taskqueue-sign-in'))->endAllOf($login);
 */
final class SessionEnds
{
    private const VERSION_BYTES = 16;
    private const ENDED = 'ended-';
    private const USER = 'user-';

    /** @var string */
    private $directory;

    public function __construct(string $directory)
    {
        $this->directory = $directory;
    }

    /**
     * Ends one session.
     *
     * @param int $keptSeconds how long the end is remembered; no session lasts longer
     * @throws \RuntimeException when the directory cannot be written
     */
    public function end(string $id, int $keptSeconds): void
    {
        $this->write($this->file(self::ENDED, $id), '');
        $this->forgetOld($keptSeconds);
    }

    /** Ends all sessions of a user. */
    public function endAllOf(string $user): void
    {
        $this->write($this->file(self::USER, $user), self::newVersion());
    }

    /**
     * Returns the version for a new session of this user. Sessions that the user began in another role end.
     *
     * @throws \RuntimeException when the directory cannot be written
     */
    public function versionFor(Person $person): string
    {
        [$version, $role] = $this->read($person->user);
        if ($version !== '' && $role === $person->role) {
            return $version;
        }
        if ($version === '' || $role !== '') {
            $version = self::newVersion();
        }
        $this->write($this->file(self::USER, $person->user), "$version {$person->role}");
        return $version;
    }

    public function hasEnded(string $id, string $user, string $version): bool
    {
        clearstatcache();
        return $version === '' || is_file($this->file(self::ENDED, $id)) || !hash_equals($this->read($user)[0], $version);
    }

    /** @return array{0: string, 1: string} the version of the user's sessions and their role; '' if unknown */
    private function read(string $user): array
    {
        $text = @file_get_contents($this->file(self::USER, $user));
        return explode(' ', $text === false ? '' : $text, 2) + [1 => ''];
    }

    private function file(string $kind, string $name): string
    {
        return $this->directory . '/' . $kind . hash('sha256', $name);
    }

    private static function newVersion(): string
    {
        return bin2hex(random_bytes(self::VERSION_BYTES));
    }

    private function write(string $file, string $text): void
    {
        $new = $file . '.' . self::newVersion();
        if (@file_put_contents($new, $text) === false || !@rename($new, $file)) {
            throw new \RuntimeException("the directory '{$this->directory}' of ended sessions cannot be written: it must belong to the user of php-fpm");
        }
    }

    private function forgetOld(int $keptSeconds): void
    {
        foreach (glob($this->directory . '/' . self::ENDED . '*') ?: [] as $file) {
            if ((int)@filemtime($file) < time() - $keptSeconds) {
                @unlink($file);
            }
        }
    }
}
