<?php

namespace TaskQueue;

/**
 * The options of a task in addition to its class and data; null stands for an option that is not given.
 *
 * @phpstan-type Options array{Queue?: string|null, Priority?: int|null, UniqueKey?: string|null, UniqueMode?: string|null,
 *     UniqueSeconds?: int|null, ConcurrencyKey?: string|null, Title?: string|null, QueuedById?: int|null,
 *     NotifyOn?: string|null, NotifyTo?: string|null, NotifyLanguage?: string|null}
 */
final class TaskOptions
{
    private const KNOWN = ['Queue', 'Priority', 'UniqueKey', 'UniqueMode', 'UniqueSeconds', 'ConcurrencyKey', 'Title',
        'QueuedById', 'NotifyOn', 'NotifyTo', 'NotifyLanguage'];
    private const TITLE_CHARACTERS = 255;
    private const KEY_CHARACTERS = 190;
    private const CLASS_CHARACTERS = 255;
    /** The least and the most of each number; UniqueSeconds are at most a year. */
    private const NUMBERS = ['Priority' => [0, 9], 'QueuedById' => [-1000, 2147483647], 'UniqueSeconds' => [0, 31622400]];
    private const WORDS = [
        'UniqueMode' => [Unique::Keep, Unique::Replace, Unique::Window],
        'NotifyOn' => ['never', TellOn::Success, TellOn::Failure, TellOn::Both],
    ];

    /**
     * @param array<mixed> $options
     * @phpstan-assert Options $options
     * @throws EnqueueError that names the wrong option
     */
    public static function check(array $options): void
    {
        foreach ($options as $name => $value) {
            if ($value !== null || !in_array($name, self::KNOWN, true)) {
                self::checkOne((string)$name, $value);
            }
        }
        self::checkUnique($options);
        self::checkNotification($options);
    }

    /**
     * Checks one option, apart from what it needs of the others.
     *
     * @param mixed $value
     * @throws EnqueueError
     */
    public static function checkOne(string $name, $value): void
    {
        if (isset(self::NUMBERS[$name])) {
            self::checkNumber($name, $value, ...self::NUMBERS[$name]);
        } elseif (isset(self::WORDS[$name])) {
            self::checkWord($name, $value, self::WORDS[$name]);
        } elseif ($name === 'Queue') {
            self::checkPattern($name, $value, '/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/D',
                'Give 1 to 64 letters, digits, "-", "_" or ".", and not "." or ".." alone.');
        } elseif ($name === 'Title') {
            $value === '' || TaskText::check('Title', $value, self::TITLE_CHARACTERS);
        } elseif ($name === 'UniqueKey' || $name === 'ConcurrencyKey') {
            TaskText::check($name, $value, self::KEY_CHARACTERS);
        } elseif ($name === 'NotifyTo') {
            NotifyTarget::check($value);
        } elseif ($name === 'NotifyLanguage') {
            self::checkPattern($name, $value, '/^[A-Za-z_-]{0,20}$/D', 'Give the code of a language, such as en or pt-BR.');
        } else {
            throw new EnqueueError(
                "There is no option $name.", 'Known are ' . implode(', ', self::KNOWN) . '.', $name, 'unknown_option'
            );
        }
    }

    public static function checkClass(string $class): void
    {
        static $valid = null;  // tasks that are added together have mostly the same
        if ($class === $valid) {
            return;
        }
        TaskText::check('TaskHandlerClass', $class, self::CLASS_CHARACTERS);
        if ($class === '.' || $class === '..') {
            throw new EnqueueError(
                'The TaskHandlerClass is "." or ".." alone.', 'Give the name of a handler.', 'TaskHandlerClass', 'wrong_text'
            );
        }
        $valid = $class;
    }

    /**
     * Returns the handler that sends the notification of the task's end; null if none is sent.
     *
     * @param Options $options
     */
    public static function notificationHandler(array $options): ?string
    {
        if (($options['NotifyOn'] ?? 'never') === 'never') {
            return null;
        }
        return NotifyTarget::isUrl($options['NotifyTo'] ?? '') ? 'Webhook' : 'NotifyByMail';
    }

    /**
     * Checks that the options of a UniqueKey fit together.
     *
     * @param Options $options
     * @throws EnqueueError
     */
    public static function checkUnique(array $options): void
    {
        $mode = $options['UniqueMode'] ?? Unique::Keep;
        if ($mode !== Unique::Keep && !isset($options['UniqueKey'])) {
            throw new EnqueueError("The UniqueMode $mode needs a UniqueKey.", 'Give both, or none.', 'UniqueKey', 'missing');
        }
        if (($mode === Unique::Window) !== (($options['UniqueSeconds'] ?? 0) !== 0)) {
            throw new EnqueueError(
                'The UniqueMode window and UniqueSeconds need each other.', 'Give both, or none.', 'UniqueSeconds', 'missing'
            );
        }
    }

    /** @param Options $options */
    private static function checkNotification(array $options): void
    {
        $isTold = ($options['NotifyOn'] ?? 'never') !== 'never';
        if (!$isTold && (isset($options['NotifyTo']) || ($options['NotifyLanguage'] ?? '') !== '')) {
            throw new EnqueueError(
                'NotifyTo and NotifyLanguage need NotifyOn.', 'Give it as success, failure or both.', 'NotifyOn', 'missing'
            );
        }
        if ($isTold && !isset($options['NotifyTo']) && ($options['QueuedById'] ?? 0) === 0) {
            throw new EnqueueError(
                'NotifyOn has nobody to tell.',
                'Give NotifyTo, an e-mail address or URL, or QueuedById, whose address ' . 'the site knows.', 'NotifyTo',
                'missing'
            );
        }
    }

    /** @param mixed $value */
    public static function checkNumber(string $name, $value, int $least, int $most): void
    {
        if (!is_int($value) || $value < $least || $value > $most) {
            $isNumber = is_int($value);
            $shown = $isNumber ? (string)$value : 'of type ' . gettype($value);
            throw new EnqueueError("The $name is $shown.", "It must be a whole number from $least to $most.", $name,
                $isNumber ? 'out_of_range' : 'wrong_type');
        }
    }

    /**
     * @param mixed $value
     * @param list<string> $words
     */
    private static function checkWord(string $name, $value, array $words): void
    {
        if (!in_array($value, $words, true)) {
            throw new EnqueueError(
                "The $name is " . (is_string($value) ? "'$value'" : gettype($value)) . ', which is not known.', 'It must be one of ' . implode(', ', $words) . '.', $name, 'out_of_range'
            );
        }
    }

    /** @param mixed $value */
    private static function checkPattern(string $name, $value, string $pattern, string $mend): void
    {
        if (!is_string($value) || preg_match($pattern, $value) !== 1) {
            throw new EnqueueError("The $name is wrong.", $mend, $name, is_string($value) ? 'wrong_text' : 'wrong_type');
        }
    }
}
