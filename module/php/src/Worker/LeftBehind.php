<?php

namespace TaskQueue\Worker;

/**
 * Processes that a run has left behind. They are children of this process or of its process guard, which adopts
 * orphans. Processes that existed before this object are left alone. Without ext-posix none is found, so they live
 * until the worker ends.
 */
final class LeftBehind
{
    private const GUARD = "task-guard\n";  // the guard's name; see runner/PROTOCOL.md
    private const LOOKS = 1000;
    private const MICROSECONDS_BETWEEN_LOOKS = 1000;
    private const SIGNAL_KILL = 9;
    private const SHOWN_BYTES = 200;  // shown bytes of a command line

    /** @var array<int, true> by PID */
    private $known = [];
    /** @var ProcFile */
    private $ownChildren;
    /** @var ProcFile|null */
    private $childrenOfGuard;

    public function __construct()
    {
        $own = getmypid();
        $this->ownChildren = new ProcFile("/proc/$own/task/$own/children");
        $guard = function_exists('posix_getppid') ? posix_getppid() : 0;
        if (self::read("/proc/$guard/comm") === self::GUARD) {
            $this->childrenOfGuard = new ProcFile("/proc/$guard/task/$guard/children");
        }
        $this->known = array_fill_keys($this->find(), true);
    }

    /** Kills these processes and those that they leave behind, and reports it on STDERR. */
    public function kill(): void
    {
        $told = [];
        $isReached = true;
        for ($look = 0; $isReached && $look < self::LOOKS && ($found = $this->find()) !== []; ++$look) {
            $isReached = false;  // a process of another user may be out of reach
            foreach ($found as $pid) {
                if (!isset($told[$pid])) {
                    $told[$pid] = true;
                    $command = Text::cut(str_replace("\0", ' ', self::read("/proc/$pid/cmdline")), self::SHOWN_BYTES);
                    StandardStreams::writeError("PHP: the run left a process behind, which is killed: $pid $command\n");
                }
                $isReached = posix_kill($pid, self::SIGNAL_KILL) || $isReached;
            }
            usleep(self::MICROSECONDS_BETWEEN_LOOKS);
        }
    }

    /** @return int[] */
    private function find(): array
    {
        if (!function_exists('posix_kill')) {
            return [];
        }
        $found = self::numbersIn($this->ownChildren);
        if ($this->childrenOfGuard !== null) {
            $found = array_merge($found, array_diff(self::numbersIn($this->childrenOfGuard), [getmypid()]));
        }
        return array_values(array_filter($found, function (int $pid): bool {
            return !isset($this->known[$pid]) && !self::hasEnded($pid);
        }));
    }

    /** @return int[] */
    private static function numbersIn(ProcFile $children): array
    {
        return array_map('intval', preg_split('/ /', $children->read(), -1, PREG_SPLIT_NO_EMPTY));
    }

    /** A zombie is reaped if it is a child of this process. */
    private static function hasEnded(int $pid): bool
    {
        $status = self::read("/proc/$pid/stat");
        $isZombie = preg_match('/\) Z [^)]*$/D', $status) === 1;
        if ($isZombie && function_exists('pcntl_waitpid')) {
            pcntl_waitpid($pid, $unused, WNOHANG);
        }
        return $isZombie || $status === '';
    }

    private static function read(string $file): string
    {
        return (string)@file_get_contents($file);
    }
}
