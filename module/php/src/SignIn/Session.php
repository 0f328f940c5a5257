<?php

namespace TaskQueue\SignIn;

/** The signed cookie that a browser gets by a hand-over. It is invalid after its expiry and after its session's end. */
final class Session
{
    private const NAME = 'taskqueue_session';
    private const PURPOSE = 'session';
    private const SIGN_OUT = 'sign-out';
    private const ID_BYTES = 16;

    /** @var Settings */
    private $settings;
    /** @var SessionEnds */
    private $ends;
    /** @var CurrentRoles */
    private $roles;

    public function __construct(Settings $settings)
    {
        $this->settings = $settings;
        $this->ends = new SessionEnds($settings->usedDirectory);
        $this->roles = new CurrentRoles($settings->rolesFile, $settings->usedDirectory);
    }

    /** With this name, a browser over https accepts the cookie from this host only, for all its paths. */
    public function cookieName(): string
    {
        return ($this->settings->isHttps ? '__Host-' : '') . self::NAME;
    }

    /** Returns a Set-Cookie header that begins a session. */
    public function begin(Person $person): string
    {
        $value = $this->settings->secret()->sign(self::PURPOSE, [
            'User' => $person->user,
            'Role' => $person->role,
            'ExpiresOn' => time() + $this->settings->sessionSeconds,
            'Id' => bin2hex(random_bytes(self::ID_BYTES)),
            'Version' => $this->ends->versionFor($person),
        ]);
        return $this->header($value, $this->settings->sessionSeconds);
    }

    /** Returns the token in the sign-out form, which proves that the form is from our own page. */
    public function signOutToken(string $cookie): string
    {
        return $this->settings->secret()->sign(self::SIGN_OUT, ['Id' => $this->claimsOf($cookie)['Id']]);
    }

    /**
     * Ends the session of this cookie, and so invalidates every copy of the cookie.
     *
     * @return string a Set-Cookie header
     * @throws Refused when the token belongs to another session
     */
    public function end(string $cookie, string $token): string
    {
        $id = $this->claimsOf($cookie)['Id'];
        if (($this->settings->secret()->prove(self::SIGN_OUT, $token)['Id'] ?? null) !== $id) {
            throw new Refused('its token is of another session');
        }
        $this->ends->end($id, $this->settings->sessionSeconds);
        return $this->header('', 0);
    }

    /** @throws Refused when the cookie is invalid */
    public function of(string $cookie): Person
    {
        $person = Person::ofClaims($this->claimsOf($cookie));
        if (!$this->roles->confirm($person)) {
            $this->ends->endAllOf($person->user);
            throw new Refused('its user has another role now');
        }
        return $person;
    }

    /**
     * @return array<string, mixed>
     * @throws Refused
     */
    private function claimsOf(string $cookie): array
    {
        $claims = $this->settings->secret()->prove(self::PURPOSE, $cookie);
        if (!is_int($claims['ExpiresOn'] ?? null) || $claims['ExpiresOn'] <= time()) {
            throw new Refused('it has expired');
        }
        if ($claims['ExpiresOn'] > time() + $this->settings->sessionSeconds) {
            throw new Refused('it counts for longer than sessions do');
        }
        $user = Person::ofClaims($claims)->user;
        [$id, $version] = [$claims['Id'] ?? null, $claims['Version'] ?? null];
        if (!is_string($id) || $id === '' || !is_string($version) || $this->ends->hasEnded($id, $user, $version)) {
            throw new Refused('it has ended');
        }
        return $claims;
    }

    private function header(string $value, int $seconds): string
    {
        $path = $this->settings->isHttps ? '/' : $this->settings->basePath;
        return "Set-Cookie: {$this->cookieName()}=$value; Path=$path; Max-Age=$seconds; HttpOnly; SameSite={$this->settings->sameSite}"
            . ($this->settings->isHttps ? '; Secure' : '');
    }
}
