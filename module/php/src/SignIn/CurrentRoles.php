<?php

namespace TaskQueue\SignIn;

/**
 * Asks the site for a user's current role, at most every 30 seconds per user. The site's file returns a function:
 *
 *     return static function (string $user): ?string {  // viewer, operator, admin, or null: may not come in
 *         …
 *     };
 */
final class CurrentRoles
{
    private const ASKED_AGAIN_SECONDS = 30;
    private const ROLE = 'role-';

    /** @var string */
    private $file;
    /** @var string */
    private $directory;

    /**
     * @param string $file the site's file; '' if there is none: the role of the hand-over is valid until the session
     *     ends
     * @param string $directory stores the answers
     */
    public function __construct(string $file, string $directory)
    {
        $this->file = $file;
        $this->directory = $directory;
    }

    /** @throws \RuntimeException when the site cannot be asked: no user may sign in then */
    public function confirm(Person $person): bool
    {
        return $this->file === '' || $this->roleOf($person->user) === $person->role;
    }

    private function roleOf(string $user): string
    {
        $answers = $this->directory . '/' . self::ROLE . hash('sha256', $user);
        clearstatcache();
        $askedOn = (int)@filemtime($answers);
        if ($askedOn > time() - self::ASKED_AGAIN_SECONDS && $askedOn <= time()) {
            return (string)file_get_contents($answers);
        }
        $role = $this->ask($user);
        if (@file_put_contents($answers, $role, LOCK_EX) === false) {
            throw new \RuntimeException("the directory '{$this->directory}' cannot be written: it must belong to the user of php-fpm");
        }
        return $role;
    }

    private function ask(string $user): string
    {
        try {
            $ask = require $this->file;
            $role = is_callable($ask) ? $ask($user) : false;
        } catch (\Throwable $problem) {
            throw new \RuntimeException("{$this->file} failed: {$problem->getMessage()}");
        }
        if ($role !== null && !in_array($role, Person::ROLES, true)) {
            throw new \RuntimeException("{$this->file} must return a function that gives a role or null");
        }
        return (string)$role;
    }
}
