<?php

namespace TaskQueue\Worker;

/** STDOUT and STDERR, which a handler may have closed. */
final class StandardStreams
{
    public static function writeError(string $text): void
    {
        if (is_resource(STDERR)) {
            fwrite(STDERR, $text);
        }
    }

    /** A process that shares them may have changed it. */
    public static function setBlocking(): void
    {
        foreach ([STDOUT, STDERR] as $stream) {
            if (is_resource($stream)) {
                stream_set_blocking($stream, true);
            }
        }
    }

    /** False when one is closed: its descriptor may be any file's next. */
    public static function flush(): bool
    {
        $areOpen = true;
        foreach ([STDOUT, STDERR] as $stream) {
            $areOpen = is_resource($stream) && fflush($stream) && $areOpen;
        }
        return $areOpen;
    }
}
