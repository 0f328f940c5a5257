<?php

namespace TaskQueue;

/** The rule for NotifyTo: an e-mail address, or the URL of a webhook. */
final class NotifyTarget
{
    /**
     * @param mixed $to
     * @throws EnqueueError
     */
    public static function check($to): void
    {
        if (!is_string($to) || !(self::isUrl($to) ? self::isSafeUrl($to) : self::isMailAddress($to))) {
            throw new EnqueueError(
                'NotifyTo is no address.',
                'Give one e-mail address such as ada@example.org, or a URL in ASCII that begins '
                    . 'with http:// or https:// and has no user name.',
                'NotifyTo', is_string($to) ? 'wrong_text' : 'wrong_type'
            );
        }
    }

    public static function isUrl(string $to): bool
    {
        return preg_match('~^https?://~', $to) === 1;
    }

    /** A URL with a user name is refused, because the pages would show it. */
    private static function isSafeUrl(string $to): bool
    {
        return preg_match('/^[^"<>\\\\,;()\x00-\x20\x7F-\xFF]{1,500}$/D', $to) === 1
            && preg_match('~^https?://[^/?#@:][^/?#@]*([/?#]|$)~D', $to) === 1;
    }

    /** The rule of module/queue/mail_address.cpp. */
    private static function isMailAddress(string $text): bool
    {
        $atom = '[A-Za-z0-9!#$%&\'*+\/=?^_`{|}~-]+';
        $label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
        return preg_match("/^(?=.{1,254}$)(?=[^@]{1,64}@)$atom(?:\\.$atom)*@$label(?:\\.$label)*$/D", $text) === 1;
    }
}
