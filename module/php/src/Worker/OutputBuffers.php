<?php

namespace TaskQueue\Worker;

final class OutputBuffers
{
    /**
     * Ends all buffers, so that their contents are written. Returns false if one cannot be ended; it is only
     * emptied.
     */
    public static function end(): bool
    {
        while (($level = ob_get_level()) > 0) {
            if (!@ob_end_flush() || ob_get_level() >= $level) {
                @ob_flush();
                return false;
            }
        }
        return true;
    }
}
