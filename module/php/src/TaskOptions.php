<?php

namespace TaskQueue;

/** The options of a task in addition to its class and data. */
final class TaskOptions
{
    private const KNOWN = ['Queue', 'Priority', 'UniqueKey', 'UniqueMode', 'UniqueSeconds', 'ConcurrencyKey', 'Title', 'QueuedById',
        'NotifyOn', 'NotifyTo', 'NotifyLanguage'];
    private const CONTROLS = '/[\x{00}-\x{1F}\x{7F}-\x{9F}\x{2028}\x{2029}]/u';
    private const TITLE_CHARACTERS = 255;
    private const KEY_CHARACTERS = 190;
    private const CLASS_CHARACTERS = 255;
    private const PRIORITY_LAST = 9;
    private const UNIQUE_SECONDS = 31622400;  // a year
    private const QUEUED_BY_ID = [-1000, 2147483647];

    /** @throws EnqueueError that names the wrong option */
    public static function check(array $options): void
    {
        $unknown = array_diff(array_keys($options), self::KNOWN);
        if ($unknown !== []) {
            throw new EnqueueError('There is no option ' . reset($unknown) . '; known are ' . implode(', ', self::KNOWN) . '.');
        }
        if (($options['Title'] ?? '') !== '') {
            self::checkText('Title', $options['Title'], self::TITLE_CHARACTERS);
        }
        foreach (['UniqueKey', 'ConcurrencyKey'] as $key) {
            if (isset($options[$key])) {
                self::checkText($key, $options[$key], self::KEY_CHARACTERS);
            }
        }
        self::checkUniqueMode($options);
        self::checkNotification($options);
        $queue = $options['Queue'] ?? 'default';
        if (!is_string($queue) || preg_match('/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/D', $queue) !== 1) {
            throw new EnqueueError('The Queue must be 1 to 64 letters, digits, "-", "_" or ".", and not "." or ".." alone.');
        }
        self::checkNumber('Priority', $options['Priority'] ?? 0, 0, self::PRIORITY_LAST);
        self::checkNumber('QueuedById', $options['QueuedById'] ?? 0, ...self::QUEUED_BY_ID);
    }

    /**
     * A connection without strict mode would silently cut the text.
     *
     * @param mixed $text
     */
    public static function checkText(string $what, $text, int $most): void
    {
        if (!is_string($text)) {
            throw new EnqueueError("The $what must be a string, not " . gettype($text) . '.');
        }
        if (preg_match('/^.{1,' . $most . '}$/Dus', $text) !== 1) {
            throw new EnqueueError("The $what must be 1 to $most characters of UTF-8.");
        }
        if (preg_match(self::CONTROLS, $text) === 1) {
            throw new EnqueueError("The $what must be one line, without control characters such as tabs and line ends.");
        }
    }

    public static function checkClass(string $class): void
    {
        if (preg_match('/^(?!\.{1,2}$)[^\x{00}-\x{1F}\x{7F}-\x{9F}\x{2028}\x{2029}]{1,' . self::CLASS_CHARACTERS . '}$/Du', $class) !== 1) {
            throw new EnqueueError('The handler class must be 1 to ' . self::CLASS_CHARACTERS
                . ' characters of UTF-8 without control characters, and not "." or ".." alone.');
        }
    }

    private static function checkUniqueMode(array $options): void
    {
        $mode = $options['UniqueMode'] ?? 'keep';
        if (!in_array($mode, ['keep', 'replace', 'window'], true)) {
            throw new EnqueueError('The UniqueMode must be keep, replace or window.');
        }
        if ($mode !== 'keep' && !isset($options['UniqueKey'])) {
            throw new EnqueueError("The UniqueMode $mode needs a UniqueKey.");
        }
        $seconds = $options['UniqueSeconds'] ?? 0;
        if (($mode === 'window') !== ($seconds !== 0)) {
            throw new EnqueueError('The UniqueMode window and UniqueSeconds need each other.');
        }
        if ($mode === 'window') {
            self::checkNumber('UniqueSeconds', $seconds, 1, self::UNIQUE_SECONDS);
        }
    }

    /** Returns the handler that sends the notification of the task's end; null if none is sent. */
    public static function notificationHandler(array $options): ?string
    {
        if (($options['NotifyOn'] ?? 'never') === 'never') {
            return null;
        }
        $to = $options['NotifyTo'] ?? '';
        return is_string($to) && preg_match('~^https?://~', $to) === 1 ? 'Webhook' : 'NotifyByMail';
    }

    private static function checkNotification(array $options): void
    {
        if (!in_array($options['NotifyOn'] ?? 'never', ['never', 'success', 'failure', 'both'], true)) {
            throw new EnqueueError('NotifyOn must be never, success, failure or both.');
        }
        if (self::isNever($options)) {
            return;
        }
        if (!isset($options['NotifyTo']) && ($options['QueuedById'] ?? 0) === 0) {
            throw new EnqueueError('NotifyOn needs NotifyTo, an e-mail address or URL, or QueuedById, whose address the site knows.');
        }
        if (isset($options['NotifyTo']) && !self::isTarget($options['NotifyTo'])) {
            throw new EnqueueError('NotifyTo must be one e-mail address such as ada@example.org, or a URL that begins with http:// or https://, in ASCII.');
        }
        if (!is_string($options['NotifyLanguage'] ?? '') || preg_match('/^[A-Za-z_-]{0,20}$/D', $options['NotifyLanguage'] ?? '') !== 1) {
            throw new EnqueueError('The NotifyLanguage must be the code of a language, such as en or pt-BR.');
        }
    }

    /** @param mixed $to */
    private static function isTarget($to): bool
    {
        if (!is_string($to)) {
            return false;
        }
        if (preg_match('~^https?://~', $to) !== 1) {
            return self::isMailAddress($to);
        }
        // A URL with a user name is refused, because the pages would show it.
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

    private static function isNever(array $options): bool
    {
        if (self::notificationHandler($options) !== null) {
            return false;
        }
        if (isset($options['NotifyTo']) || ($options['NotifyLanguage'] ?? '') !== '') {
            throw new EnqueueError('NotifyTo and NotifyLanguage need NotifyOn: success, failure or both.');
        }
        return true;
    }

    /** @param mixed $number */
    private static function checkNumber(string $what, $number, int $least, int $most): void
    {
        if (!is_int($number) || $number < $least || $number > $most) {
            throw new EnqueueError("The $what must be a whole number from $least to $most.");
        }
    }
}
