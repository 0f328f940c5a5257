<?php

namespace TaskQueue;

/** A delay that a handler requests. */
final class Delay
{
    public const MOST_SECONDS = 31622400;  // 366 days

    /**
     * Returns whole seconds, rounded up: a wait is never shorter than requested.
     *
     * @param int|float|string $seconds
     * @throws ArgumentError when it is not a number from 0 to MOST_SECONDS
     */
    public static function wholeSeconds($seconds): int
    {
        $number = is_string($seconds) && is_numeric($seconds) ? $seconds + 0 : $seconds;
        if ((is_int($number) || is_float($number)) && $number >= 0 && $number <= self::MOST_SECONDS) {
            return (int)ceil($number);
        }
        $shown = is_scalar($seconds) ? var_export($seconds, true) : 'of type ' . gettype($seconds);
        $most = self::MOST_SECONDS;
        throw new ArgumentError(
            "A delay must be a number of seconds from 0 to $most, not $shown.",
            'Give a number in this range.',
            'seconds',
            'out_of_range'
        );
    }
}
