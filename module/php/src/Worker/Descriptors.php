<?php

namespace TaskQueue\Worker;

/**
 * The open descriptors. Connections and logs that the site opens on first use stay open, because persistent workers
 * exist to reuse them. Any other file that was opened or closed is left over from a run.
 */
final class Descriptors implements StatePart
{
    private const STANDARD = 4;  // descriptors 0, 1 and 2, and the control socket
    private const MOST_NEW_CONNECTIONS = 16;
    private const APPEND = 02000;           // O_APPEND
    private const HARMLESS = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom'];

    /** @var resource|false */
    private $directory;
    /** @var array<int, string> target of each descriptor */
    private $known = [];
    /** @var array<int, string> targets at the last look */
    private $now = [];
    /** @var array<int, string> targets that are not read again */
    private $lasting = [];
    /** @var array<int, int|null> inodes of the standard streams at the first look */
    private $standard = [];
    /** @var bool */
    private $isOfOneRun;
    /** @var int */
    private $connections = 0;

    /** @param bool $isOfOneRun whether each look reads all targets */
    public function __construct(bool $isOfOneRun = false)
    {
        $this->isOfOneRun = $isOfOneRun;
        $this->directory = @opendir('/proc/self/fd');
        $this->accept();
    }

    /**
     * Reads the targets of open files again, which takes 5 µs each. Targets in $lasting are not read again. PHP knows
     * whether the standard streams are open, and a connection that reused a number is still a connection.
     */
    public function look(): void
    {
        $before = $this->now;
        $this->now = [];
        if (!is_resource($this->directory)) {
            return;
        }
        rewinddir($this->directory);
        while (($name = readdir($this->directory)) !== false) {
            if ($name[0] !== '.') {
                $this->now[(int)$name] = isset($this->lasting[$name]) && isset($before[$name])
                    ? $before[$name]
                    : (string)@readlink("/proc/self/fd/$name");
            }
        }
        foreach ([STDIN, STDOUT, STDERR] as $number => $stream) {
            $file = is_resource($stream) ? @fstat($stream) : false;
            if ($file === false) {
                unset($this->now[$number]);
            } elseif (($this->standard[$number] ?? $file['ino']) !== $file['ino']) {
                $this->now[$number] = (string)@readlink("/proc/self/fd/$number");  // dup2() has replaced it
            }
            $this->standard[$number] = $this->standard[$number] ?? ($file === false ? null : $file['ino']);
        }
    }

    /** Returns how many connections the last look found that were not known before. */
    public function countNewConnections(): int
    {
        return $this->now === $this->known ? 0 : count(array_diff(self::connectionsIn($this->now), $this->known));
    }

    /** Since the last look, only descriptors found by it can have been closed. */
    public function restore(): array
    {
        if ($this->now === $this->known) {
            return [];
        }
        $this->look();
        $stays = array_merge($this->missing(), $this->added());
        $this->keep();
        return $stays;
    }

    /** Accepts all currently open descriptors as the state for the next run. */
    public function accept(): void
    {
        $this->lasting = [];
        $this->look();
        $this->keep();
        $this->connections = count(self::connectionsIn($this->known));
    }

    private function keep(): void
    {
        $this->known = $this->now;
        if ($this->isOfOneRun) {
            return;
        }
        // Files below /proc, and the record of batches, which this worker has opened.
        $record = Batches::target();
        $isOurs = static function (string $target) use ($record): bool {
            return strncmp($target, '/proc/', 6) === 0 || $target === $record;
        };
        $this->lasting = self::connectionsIn($this->known) + array_filter($this->known, $isOurs)
            + array_intersect_key($this->known, [0 => 1, 1 => 1, 2 => 1]);
    }

    /** @return string[] */
    private function missing(): array
    {
        $stays = [];
        foreach ($this->known as $number => $target) {
            $isSame = ($this->now[$number] ?? null) === $target;
            if (!$isSame && ($number < self::STANDARD || !self::isConnection($target))) {
                $stays[] = "the descriptor $number, which is no longer open on $target";
            }
        }
        return $stays;
    }

    /** @return string[] */
    private function added(): array
    {
        $stays = [];
        foreach ($this->now as $number => $target) {
            $isNew = ($this->known[$number] ?? null) !== $target && !self::isConnection($target);
            if ($isNew && !in_array($target, self::HARMLESS, true) && !self::isLog($number)) {
                $stays[] = "$target, which is left open (open it in the bootstrap file, or close it)";
            }
        }
        $more = count(self::connectionsIn($this->now)) - $this->connections;
        if ($more > self::MOST_NEW_CONNECTIONS) {
            $stays[] = "the number of its connections, $more more than the bootstrap has left open";
        }
        return $stays;
    }

    /**
     * @param array<int, string> $descriptors
     * @return array<int, string>
     */
    private static function connectionsIn(array $descriptors): array
    {
        return array_filter($descriptors, [self::class, 'isConnection']);
    }

    private static function isConnection(string $target): bool
    {
        return strncmp($target, 'socket:', 7) === 0 || strncmp($target, 'anon_inode:', 11) === 0;
    }

    /** A file that is only appended to, and not locked. */
    private static function isLog(int $number): bool
    {
        $text = (string)@file_get_contents("/proc/self/fdinfo/$number");
        return preg_match('/^flags:\s*([0-7]+)$/m', $text, $flags) === 1 && (octdec($flags[1]) & self::APPEND) !== 0
            && strpos($text, "\nlock:") === false;
    }
}
