<?php

namespace TaskQueue;

/**
 * Wakes the runners of this host: each listens on a datagram socket in their directory (module/platform/wake.h). A runner
 * that is not woken finds the tasks at its next poll. Nothing here waits or throws.
 */
final class RunnerWake
{
    private const SOCKETS = '/runner-*.wake';
    private const MOST_SOCKETS = 256;
    private const MOST_NAMED = 32;  // tasks; a runner finds more by a look

    /** @var array<string, bool> whether the directory exists */
    private static $exists = [];
    /** @var array<string, true> directories whose runners are woken at the end of the request */
    private static $pending = [];
    /** @var bool */
    private static $isRegistered = false;

    public static function isPossible(string $directory): bool
    {
        return self::$exists[$directory] = self::$exists[$directory] ?? ($directory !== '' && @is_dir($directory));
    }

    /** Wakes at the end of the request, after the shutdown functions of the site, which may commit still. */
    public static function later(string $directory): void
    {
        self::$pending[$directory] = true;
        if (self::$isRegistered) {
            return;
        }
        self::$isRegistered = true;
        register_shutdown_function(static function (): void {
            register_shutdown_function([self::class, 'pending']);
        });
    }

    /** Wakes the runners for which later() was called and now() was not. */
    public static function pending(): void
    {
        foreach (array_keys(self::$pending) as $directory) {
            self::now((string)$directory);
        }
    }

    /** @param list<int> $newTasks Ids of committed tasks that a runner may start without looking for others */
    public static function now(string $directory, array $newTasks = []): void
    {
        unset(self::$pending[$directory]);
        if (!self::isPossible($directory)) {
            return;
        }
        $text = count($newTasks) > self::MOST_NAMED ? 'w' : implode(' ', ['w', ...$newTasks]);
        foreach (array_slice(@glob($directory . self::SOCKETS, GLOB_NOSORT) ?: [], 0, self::MOST_SOCKETS) as $path) {
            if (@filetype($path) === 'socket') {  // no link
                self::send($path, $text);
            }
        }
    }

    private static function send(string $path, string $text): void
    {
        $socket = @stream_socket_client("udg://$path", $number, $problem, 0);
        if ($socket === false) {
            return;
        }
        stream_set_blocking($socket, false);
        @fwrite($socket, $text);
        fclose($socket);
    }
}
