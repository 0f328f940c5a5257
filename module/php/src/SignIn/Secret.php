<?php

namespace TaskQueue\SignIn;

/**
 * The secret file that the CMS and the sign-in script share; no other user may read it. Signs short texts and
 * verifies them.
 */
final class Secret
{
    private const LEAST_BYTES = 32;
    private const MOST_BYTES = 4096;  // limit of the file, and of a signed text
    private const FOR_OTHERS = 0007;  // mode bits of other users, which must be unset

    /** @var string */
    private $key;

    /** @throws \RuntimeException that says what is wrong with the file and how to mend it */
    public function __construct(string $file)
    {
        $text = $file === '' ? false : @file_get_contents($file, false, null, 0, self::MOST_BYTES);
        if ($text === false) {
            throw new \RuntimeException("the secret '$file' cannot be read: make it with 'openssl rand -hex 32', for the CMS's group alone");
        }
        clearstatcache(true, $file);
        if ((fileperms($file) & self::FOR_OTHERS) !== 0) {
            throw new \RuntimeException("the secret $file is open to all users: chmod 640 $file");
        }
        $this->key = trim($text);
        if (strlen($this->key) < self::LEAST_BYTES) {
            throw new \RuntimeException("the secret $file is shorter than " . self::LEAST_BYTES . " characters: make it with 'openssl rand -hex 32'");
        }
    }

    /**
     * @param string $purpose a signature for one purpose is invalid for any other
     * @param array<string, mixed> $claims
     * @return string letters, digits, '-', '_' and a '.'
     */
    public function sign(string $purpose, array $claims): string
    {
        $text = self::encode(json_encode($claims, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR));
        return $text . '.' . self::encode($this->seal($purpose, $text));
    }

    /**
     * @return array<string, mixed>
     * @throws Refused when the text was not signed with this secret for this purpose
     */
    public function prove(string $purpose, string $signed): array
    {
        if (strlen($signed) > self::MOST_BYTES) {
            throw new Refused('it is too long');
        }
        [$text, $seal] = explode('.', $signed, 2) + [1 => ''];
        if (!hash_equals(self::encode($this->seal($purpose, $text)), $seal)) {
            throw new Refused('its signature is not ours');
        }
        $claims = json_decode((string)base64_decode(strtr($text, '-_', '+/'), true), true);
        if (!is_array($claims)) {
            throw new Refused('it says nothing');
        }
        return $claims;
    }

    private function seal(string $purpose, string $text): string
    {
        return hash_hmac('sha256', "$purpose\0$text", $this->key, true);
    }

    private static function encode(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }
}
