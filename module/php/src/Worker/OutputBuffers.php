<?php

namespace TaskQueue\Worker;

final class OutputBuffers
{
    /** Ends all, so that what is in them is written. False when one does not let itself be ended: it is only emptied. */
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
