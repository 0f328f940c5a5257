<?php

namespace TaskQueue\Worker;

final class Text
{
    private const CONTINUATION_BYTES = 3;  // maximum per character in UTF-8
    private const MARK = '…';

    /** @var string[] values that the run hides; the runner replaces them, and could not recognise a part of one */
    private static $masked = [];

    /** Forgets the values of the run before. */
    public static function maskNothing(): void
    {
        self::$masked = [];
    }

    public static function mask(string $value): void
    {
        self::$masked[] = $value;
    }

    /** Returns the text, or its beginning and a mark if it is too long. Characters and masked values are never split. */
    public static function cut(string $text, int $bytes): string
    {
        if (strlen($text) <= $bytes) {
            return $text;
        }
        $end = max(0, $bytes - strlen(self::MARK));
        for ($back = 0; $back < self::CONTINUATION_BYTES && $end > 0 && (ord($text[$end]) & 0xC0) === 0x80; ++$back) {
            --$end;
        }
        return substr($text, 0, self::beforeMasked($text, $end)) . self::MARK;
    }

    /** Returns the place, or the beginning of the masked values that it would split. */
    private static function beforeMasked(string $text, int $end): int
    {
        do {
            $place = $end;
            foreach (self::$masked as $value) {
                $first = max(0, $end - strlen($value) + 1);
                $found = strpos(substr($text, $first, $end - $first + strlen($value) - 1), $value);
                if ($found !== false && $first + $found < $end) {
                    $end = $first + $found;
                }
            }
        } while ($end < $place);
        return $end;
    }

    /** Returns the text with U+FFFD in place of invalid UTF-8. */
    public static function valid(string $text): string
    {
        return json_decode(json_encode($text, JSON_INVALID_UTF8_SUBSTITUTE));
    }
}
