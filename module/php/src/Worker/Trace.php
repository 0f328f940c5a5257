<?php

namespace TaskQueue\Worker;

/**
 * Formats the trace of an exception and of its nested exceptions, outermost first. The newest frames are always shown;
 * a long trace loses its middle.
 */
final class Trace
{
    private const NEWEST_FRAMES = 50;
    private const OLDEST_FRAMES = 10;
    private const EXCEPTIONS_AT_EACH_END = 10;
    private const MESSAGE_BYTES = 16384;

    public static function of(\Throwable $outermost): string
    {
        $chain = [];
        for ($thrown = $outermost; $thrown !== null; $thrown = $thrown->getPrevious()) {
            $chain[] = $thrown;
        }
        $text = '';
        $count = count($chain);
        for ($at = 0; $at < $count; ++$at) {
            $left = $count - $at - self::EXCEPTIONS_AT_EACH_END;
            if ($at === self::EXCEPTIONS_AT_EACH_END && $left > 0) {
                $text .= "… $left exceptions are left out …\n";
                $at += $left;
            }
            $text .= ($at === 0 ? '' : 'caused by ') . self::headOf($chain[$at]) . "\n" . self::framesOf($chain[$at]) . "\n";
        }
        return $text;
    }

    /** Returns class, message and place in one line. */
    public static function headOf(\Throwable $thrown): string
    {
        $message = str_replace("\0", "\u{FFFD}", $thrown->getMessage());
        return get_class($thrown) . ': ' . Text::cut($message, self::MESSAGE_BYTES) . " in {$thrown->getFile()}:{$thrown->getLine()}";
    }

    private static function framesOf(\Throwable $thrown): string
    {
        $frames = $thrown->getTrace();
        $count = count($frames);
        if ($count <= self::NEWEST_FRAMES + self::OLDEST_FRAMES) {
            return $thrown->getTraceAsString();
        }
        $oldest = $count - self::OLDEST_FRAMES;
        $lines = [];
        for ($at = 0; $at < $count; ++$at) {
            if ($at === self::NEWEST_FRAMES) {
                $lines[] = '… ' . ($oldest - $at) . ' frames are left out …';
                $at = $oldest;
            }
            $lines[] = "#$at " . self::frame($frames[$at]);
        }
        $lines[] = "#$count {main}";
        return implode("\n", $lines);
    }

    /** @param array{function: string, line?: int, file?: string, class?: string, type?: string} $frame */
    private static function frame(array $frame): string
    {
        $place = isset($frame['file']) ? $frame['file'] . '(' . ($frame['line'] ?? 0) . ')' : '[internal function]';
        return $place . ': ' . ($frame['class'] ?? '') . ($frame['type'] ?? '') . $frame['function'] . '()';
    }
}
