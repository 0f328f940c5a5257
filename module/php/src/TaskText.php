<?php

namespace TaskQueue;

/** The rule for titles, keys and names: one line of UTF-8. */
final class TaskText
{
    private const CONTROLS = '/[\x{00}-\x{1F}\x{7F}-\x{9F}\x{2028}\x{2029}]/u';

    /**
     * A connection without strict mode would silently cut the text.
     *
     * @param mixed $text
     * @throws EnqueueError
     */
    public static function check(string $member, $text, int $most): void
    {
        $problem = self::problemOf($text, $most);
        if ($problem !== null) {
            throw new EnqueueError("The $member {$problem[0]}.", $problem[1], $member, $problem[2]);
        }
    }

    /**
     * @param mixed $text
     * @return array{string, string, string}|null what is wrong, continuing a sentence; how to mend it; the error code
     */
    public static function problemOf($text, int $most): ?array
    {
        if (!is_string($text)) {
            return ['must be a string, not ' . gettype($text), 'Cast it to a string.', 'wrong_type'];
        }
        if (preg_match('/^.{1,' . $most . '}$/Dus', $text) !== 1) {
            $is = $text === '' ? 'is empty' : (preg_match('//u', $text) === 1 ? 'is too long' : 'is no UTF-8');
            return [$is, "Give 1 to $most characters of UTF-8.", 'wrong_text'];
        }
        if (preg_match(self::CONTROLS, $text) === 1) {
            return ['must be one line', 'Take out control characters such as tabs and line ends.', 'wrong_text'];
        }
        return null;
    }
}
