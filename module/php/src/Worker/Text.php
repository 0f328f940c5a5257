<?php

namespace TaskQueue\Worker;

final class Text
{
    private const CONTINUATION_BYTES = 3;  // maximum per character in UTF-8
    private const MARK = '…';

    /** Returns the text, or its beginning and a mark if it is too long. Characters are never split. */
    public static function cut(string $text, int $bytes): string
    {
        if (strlen($text) <= $bytes) {
            return $text;
        }
        $end = max(0, $bytes - strlen(self::MARK));
        for ($back = 0; $back < self::CONTINUATION_BYTES && $end > 0 && (ord($text[$end]) & 0xC0) === 0x80; ++$back) {
            --$end;
        }
        return substr($text, 0, $end) . self::MARK;
    }

    /** Returns the text with U+FFFD in place of invalid UTF-8. */
    public static function valid(string $text): string
    {
        return json_decode(json_encode($text, JSON_INVALID_UTF8_SUBSTITUTE));
    }
}
