<?php

namespace TaskQueue\Worker;

/**
 * The state that the kernel has for the process: user, groups, capabilities, session, signal masks, limits and root
 * directory. Loaded PHP extensions are checked too, since they cannot be unloaded. Little of this state can be
 * restored.
 */
final class KernelState implements StatePart
{
    // Each part runs from one line of /proc/self/status to another. The lines between the parts change by themselves.
    private const PARTS = ["\nUid:" => "\nFDSize:", "\nGroups:" => "\nVmPeak:", "\nSigBlk:" => "\nvoluntary_"];

    /** @var ProcFile */
    private $statusFile;
    /** @var ProcFile */
    private $limitsFile;
    /** @var string */
    private $status;
    /** @var string */
    private $limits;
    /** @var array<int, array{int, int}> soft and hard limit, by resource number */
    private $limitValues;
    /** @var int[] */
    private $blockedSignals = [];
    /** @var int[]|false */
    private $root;
    /** @var int */
    private $extensions;

    public function __construct()
    {
        $this->statusFile = new ProcFile('/proc/self/status');
        $this->limitsFile = new ProcFile('/proc/self/limits');
        $this->status = $this->readStatus();
        $this->limits = $this->limitsFile->read();
        $this->limitValues = self::readLimits();
        if (function_exists('pcntl_sigprocmask')) {
            pcntl_sigprocmask(SIG_BLOCK, [], $this->blockedSignals);
        }
        $this->root = self::rootDirectory();
        $this->extensions = count(get_loaded_extensions());
    }

    public function restore(): array
    {
        $stays = $this->limitsFile->read() === $this->limits ? [] : $this->restoreLimits();
        if ($this->readStatus() !== $this->status) {
            $this->restoreSignalMask();
            $now = explode("\n", $this->readStatus());
            foreach (array_diff($now, explode("\n", $this->status)) as $line) {
                $stays[] = 'what the kernel says of the process, which is now ' . preg_replace('/\s+/', ' ', $line);
            }
        }
        if (self::rootDirectory() !== $this->root) {
            $stays[] = 'the root directory';
        }
        if (count(get_loaded_extensions()) !== $this->extensions) {
            $stays[] = 'the loaded extensions';
        }
        return $stays;
    }

    private function readStatus(): string
    {
        $text = $this->statusFile->read();
        $status = '';
        foreach (self::PARTS as $from => $to) {
            $start = (int)strpos($text, $from);
            $status .= substr($text, $start, (int)strpos($text, $to, $start) - $start);
        }
        return $status;
    }

    /** @return list<string> what stays */
    private function restoreLimits(): array
    {
        foreach ($this->limitValues as $resource => [$soft, $hard]) {
            @posix_setrlimit($resource, $soft, $hard);
        }
        return $this->limitsFile->read() === $this->limits ? [] : ['a limit of the process'];
    }

    /** @return array<int, array{int, int}> */
    private static function readLimits(): array
    {
        if (!function_exists('posix_setrlimit')) {
            return [];
        }
        $values = [];
        $now = posix_getrlimit();
        $names = ['CORE' => 'core', 'DATA' => 'data', 'STACK' => 'stack', 'AS' => 'totalmem', 'RSS' => 'rss',
            'NPROC' => 'maxproc', 'MEMLOCK' => 'memlock', 'CPU' => 'cpu', 'FSIZE' => 'filesize', 'NOFILE' => 'openfiles'];
        foreach ($names as $constant => $name) {
            if (defined("POSIX_RLIMIT_$constant") && isset($now["soft $name"])) {
                $values[constant("POSIX_RLIMIT_$constant")]
                    = [self::limit($now["soft $name"]), self::limit($now["hard $name"])];
            }
        }
        return $values;
    }

    /** @param int|string $value */
    private static function limit($value): int
    {
        return is_int($value) ? $value : POSIX_RLIMIT_INFINITY;
    }

    private function restoreSignalMask(): void
    {
        if (function_exists('pcntl_sigprocmask')) {
            pcntl_sigprocmask(SIG_SETMASK, $this->blockedSignals);
        }
    }

    /** @return int[]|false device and inode */
    private static function rootDirectory()
    {
        clearstatcache(false, '/');
        $root = @stat('/');
        return $root === false ? false : [$root['dev'], $root['ino']];
    }
}
