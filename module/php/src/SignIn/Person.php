<?php

namespace TaskQueue\SignIn;

/** A signed-in person with a name and a role. */
final class Person
{
    public const ROLES = ['viewer', 'operator', 'admin'];
    private const NAME_BYTES = 190;

    /** @var string */
    public $user;
    /** @var string */
    public $role;

    /** @throws \InvalidArgumentException for a name that does not fit into a header, or an unknown role */
    public function __construct(string $user, string $role)
    {
        $fits = $user !== '' && strlen($user) <= self::NAME_BYTES && preg_match('/^[^\p{C}]+$/u', $user) === 1 && trim($user) === $user;
        if (!$fits) {
            throw new \InvalidArgumentException('the name of a user must be 1 to ' . self::NAME_BYTES . ' bytes of UTF-8 without control characters and outer blanks');
        }
        if (!in_array($role, self::ROLES, true)) {
            throw new \InvalidArgumentException("there is no role '$role', only " . implode(', ', self::ROLES));
        }
        $this->user = $user;
        $this->role = $role;
    }

    /**
     * @param array<string, mixed> $claims
     * @throws Refused
     */
    public static function ofClaims(array $claims): self
    {
        [$user, $role] = [$claims['User'] ?? null, $claims['Role'] ?? null];
        if (!is_string($user) || !is_string($role)) {
            throw new Refused('it names nobody');
        }
        try {
            return new self($user, $role);
        } catch (\InvalidArgumentException $problem) {
            throw new Refused($problem->getMessage());
        }
    }
}
