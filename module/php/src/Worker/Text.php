<?php

namespace TaskQueue\Worker;

final class Text
{
    private const CONTINUATION_BYTES = 3;  // at most, of a character in UTF-8
    private const MARK = '…';

    /** The text, or as much of its beginning as fits, with a mark that it goes on; never a part of a character. */
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

    /** The text with U+FFFD in the place of what is no UTF-8. */
    public static function valid(string $text): string
    {
        return json_decode(json_encode($text, JSON_INVALID_UTF8_SUBSTITUTE));
    }
}
