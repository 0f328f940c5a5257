<?php

namespace TaskQueue;

/** What tells this process from all others, also when its PID is used again. */
final class ProcessIdentity
{
    /**
     * Returns columns of TaskRunners. A runner's row without them belongs to another host, and only its heartbeat shows
     * that it lives.
     *
     * @return array{ProcessId: int, HostName: string, BootId: string, PidNamespace: int, ProcessStartTicks: int}
     */
    public static function columns(): array
    {
        $namespace = @stat('/proc/self/ns/pid');
        return [
            'ProcessId' => (int)getmypid(),
            'HostName' => (string)gethostname(),
            'BootId' => trim((string)@file_get_contents('/proc/sys/kernel/random/boot_id')),
            'PidNamespace' => $namespace === false ? 0 : $namespace['ino'],
            'ProcessStartTicks' => self::startTicks(),
        ];
    }

    /** The program's name, in parentheses, may hold any characters. */
    private static function startTicks(): int
    {
        $stat = (string)@file_get_contents('/proc/self/stat');
        $end = strrpos($stat, ')');
        $fields = $end === false ? [] : explode(' ', substr($stat, $end + 2));
        return (int)($fields[19] ?? 0);  // field 22 of proc(5)
    }
}
