<?php

namespace TaskQueue\SignIn;

/** The signed cookie that a browser has after a hand-over. */
final class Session
{
    public const COOKIE = 'taskqueue_session';
    private const PURPOSE = 'session';

    /** @var Settings */
    private $settings;

    public function __construct(Settings $settings)
    {
        $this->settings = $settings;
    }

    /** A Set-Cookie header that begins it. */
    public function begin(Person $person): string
    {
        $value = $this->settings->secret()->sign(self::PURPOSE, [
            'User' => $person->user,
            'Role' => $person->role,
            'ExpiresOn' => time() + $this->settings->sessionSeconds,
        ]);
        return $this->header($value, $this->settings->sessionSeconds);
    }

    /** A Set-Cookie header that ends it. */
    public function end(): string
    {
        return $this->header('', 0);
    }

    /** @throws Refused when the cookie does not count */
    public function of(string $cookie): Person
    {
        $claims = $this->settings->secret()->prove(self::PURPOSE, $cookie);
        if (!is_int($claims['ExpiresOn'] ?? null) || $claims['ExpiresOn'] <= time()) {
            throw new Refused('it has expired');
        }
        if ($claims['ExpiresOn'] > time() + $this->settings->sessionSeconds) {
            throw new Refused('it counts for longer than sessions do');
        }
        return Person::ofClaims($claims);
    }

    private function header(string $value, int $seconds): string
    {
        return 'Set-Cookie: ' . self::COOKIE . "=$value; Path={$this->settings->basePath}; Max-Age=$seconds; HttpOnly; SameSite={$this->settings->sameSite}"
            . ($this->settings->isHttps ? '; Secure' : '');
    }
}
