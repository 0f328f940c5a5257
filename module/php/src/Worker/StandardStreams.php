<?php

namespace TaskQueue\Worker;

/** STDOUT and STDERR. A handler may have closed them. */
final class StandardStreams
{
    public static function writeError(string $text): void
    {
        if (is_resource(STDERR)) {
            fwrite(STDERR, $text);
        }
    }

    /** A process that shares the streams may have changed their mode. */
    public static function setBlocking(): void
    {
        foreach ([STDOUT, STDERR] as $stream) {
            if (is_resource($stream)) {
                stream_set_blocking($stream, true);
            }
        }
    }

    /** Returns false if one is closed, because its descriptor may then belong to any other file. */
    public static function flush(): bool
    {
        $areOpen = true;
        foreach ([STDOUT, STDERR] as $stream) {
            $areOpen = is_resource($stream) && fflush($stream) && $areOpen;
        }
        return $areOpen;
    }
}
