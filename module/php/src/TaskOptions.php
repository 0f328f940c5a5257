<?php

namespace TaskQueue;

/** What may be said of a task besides its class and data. */
final class TaskOptions
{
    private const KNOWN = ['Queue', 'Priority', 'UniqueKey', 'UniqueMode', 'UniqueSeconds', 'ConcurrencyKey', 'Title', 'QueuedById'];
    private const TITLE_CHARACTERS = 255;
    private const KEY_CHARACTERS = 190;
    private const PRIORITY_LAST = 9;
    private const UNIQUE_SECONDS = 31622400;  // a year
    private const QUEUED_BY_ID = [-1000, 2147483647];

    /** @throws EnqueueError that names the option at fault */
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
        $queue = $options['Queue'] ?? 'default';
        if (!is_string($queue) || preg_match('/^[A-Za-z0-9._-]{1,64}$/D', $queue) !== 1) {
            throw new EnqueueError('The Queue must be 1 to 64 letters, digits, "-", "_" or ".".');
        }
        self::checkNumber('Priority', $options['Priority'] ?? 0, 0, self::PRIORITY_LAST);
        self::checkNumber('QueuedById', $options['QueuedById'] ?? 0, ...self::QUEUED_BY_ID);
    }

    /**
     * A connection that is not strict would cut it without a word.
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

    /** @param mixed $number */
    private static function checkNumber(string $what, $number, int $least, int $most): void
    {
        if (!is_int($number) || $number < $least || $number > $most) {
            throw new EnqueueError("The $what must be a whole number from $least to $most.");
        }
    }
}
