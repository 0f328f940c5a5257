<?php

namespace TaskQueue\SignIn;

/**
 * Makes the link with which the CMS hands one of its administrators over to the queue's pages. It is signed, for one
 * use, and valid for at most a minute. Use it on a page of the CMS that only administrators see:
 *
 *     $secret = new TaskQueue\SignIn\Secret('/etc/taskqueue-sign-in.secret');
 *     $link = TaskQueue\SignIn\HandOver::link('/taskqueue/', $secret, $login, 'operator', '?embed=1&theme=inportal');
 */
final class HandOver
{
    public const MOST_SECONDS = 60;
    private const SECONDS = 30;
    private const PURPOSE = 'hand-over';
    private const NONCE_BYTES = 16;
    private const PAGE = '~^(?!/)[A-Za-z0-9_./?&=%+,:-]{0,1000}$~D';

    /**
     * @param string $basePath base path of the pages: a path or a full address, with '/' at its end
     * @param string $role viewer, operator or admin
     * @param string $page the page to open, relative to the base path; '' for the overview
     * @param int $seconds validity of the link, from 1 to 60. Make the link when it is clicked, or for a page that is
     *     being shown
     * @throws \InvalidArgumentException
     */
    public static function link(string $basePath, Secret $secret, string $user, string $role, string $page = '', int $seconds = self::SECONDS): string
    {
        if ($seconds < 1 || $seconds > self::MOST_SECONDS) {
            throw new \InvalidArgumentException('a hand-over counts for 1 to ' . self::MOST_SECONDS . " seconds, not $seconds");
        }
        if (!self::isPage($page)) {
            throw new \InvalidArgumentException("'$page' is no page below the base path");
        }
        $person = new Person($user, $role);
        $token = $secret->sign(self::PURPOSE, [
            'User' => $person->user,
            'Role' => $person->role,
            'Page' => $page,
            'ExpiresOn' => time() + $seconds,
            'Nonce' => bin2hex(random_bytes(self::NONCE_BYTES)),
        ]);
        return $basePath . 'sign-in?token=' . $token;
    }

    /**
     * Uses a link up and returns its person and the requested page.
     *
     * @return array{0: Person, 1: string}
     * @throws Refused
     */
    public static function redeem(string $token, Secret $secret, UsedOnce $used): array
    {
        $claims = $secret->prove(self::PURPOSE, $token);
        $expiresOn = $claims['ExpiresOn'] ?? null;
        if (!is_int($expiresOn) || $expiresOn <= time()) {
            throw new Refused('it has expired');
        }
        if ($expiresOn > time() + self::MOST_SECONDS) {
            throw new Refused('it counts for too long: are the clocks of the CMS and of this host right?');
        }
        $person = Person::ofClaims($claims);
        [$page, $nonce] = [$claims['Page'] ?? null, $claims['Nonce'] ?? null];
        if (!is_string($page) || !self::isPage($page) || !is_string($nonce) || $nonce === '') {
            throw new Refused('it is not whole');
        }
        if (!$used->take($nonce)) {
            throw new Refused('it was used before');
        }
        return [$person, $page];
    }

    private static function isPage(string $page): bool
    {
        return preg_match(self::PAGE, $page) === 1 && strpos($page, '..') === false;
    }
}
