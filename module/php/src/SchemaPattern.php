<?php

namespace TaskQueue;

/** Matches the simple patterns that a handler's schema may have (module/json/pattern.h). */
final class SchemaPattern
{
    private const MOST_KEPT = 100;

    /** @var array<string, string> expressions for PCRE by their pattern */
    private static $kept = [];

    public static function matches(string $pattern, string $text): bool
    {
        if (!isset(self::$kept[$pattern])) {
            self::$kept = count(self::$kept) >= self::MOST_KEPT ? [] : self::$kept;
            self::$kept[$pattern] = self::expressionOf($pattern);
        }
        $end = strpos($text, "\0");  // the queue's engine sees no further
        return @preg_match(self::$kept[$pattern], $end === false ? $text : substr($text, 0, $end)) === 1;
    }

    /** In the queue's engine, ^ and $ hold for the whole pattern, wherever they stand. */
    private static function expressionOf(string $pattern): string
    {
        $begin = '';
        $end = '';
        $body = preg_replace_callback(
            '/\\\\(.)|\[\^?(?:\\\\.|[^\]\\\\])+\]|[\^$\/]/us',
            static function (array $found) use (&$begin, &$end): string {
                switch ($found[0]) {
                    case '^':
                        $begin = '\A';
                        return '';
                    case '$':
                        $end = '\z';
                        return '';
                    case '/':
                        return '\/';
                }
                return preg_replace('/(\\\\)v/', '\x0B', str_replace('/', '\/', str_replace('\/', '/', $found[0]))) ?? '';
            },
            $pattern
        );
        return "/$begin(?:$body)$end/us";
    }
}
