<?php

namespace TaskQueue\Worker;

/**
 * The open descriptors. Connections and logs that the site opens when it first needs them stay, for these are what a
 * worker is kept for; any other open file, and one that is missing, belongs to a run.
 */
final class Descriptors implements StatePart
{
    private const STANDARD = 4;  // 0, 1, 2 and the control socket
    private const MOST_NEW_CONNECTIONS = 16;
    private const APPEND = 02000;           // O_APPEND
    private const HARMLESS = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom'];

    /** @var resource|false */
    private $directory;
    /** @var array<int, string> what each is open on */
    private $known = [];
    /** @var array<int, string> as of the last look */
    private $now = [];
    /** @var array<int, string> what is not asked anew */
    private $lasting = [];
    /** @var bool */
    private $isOfOneRun;
    /** @var int */
    private $connections = 0;

    /** @param bool $isOfOneRun each look asks for all */
    public function __construct(bool $isOfOneRun = false)
    {
        $this->isOfOneRun = $isOfOneRun;
        $this->directory = @opendir('/proc/self/fd');
        $this->accept();
    }

    /**
     * Asks anew only what files are open: that takes 5 µs for each. The standard streams tell it themselves, and a connection
     * may have taken the number of another one.
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
            if (!is_resource($stream)) {
                unset($this->now[$number]);
            }
        }
    }

    /** How many connections are open at the last look that were not before. */
    public function countNewConnections(): int
    {
        return $this->now === $this->known ? 0 : count(array_diff(self::connectionsIn($this->now), $this->known));
    }

    /** Since the last look, nothing but the end of what was found then is expected. */
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

    /** What is open now is what the next run may find. */
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
        $isOfProc = static function (string $target): bool {
            return strncmp($target, '/proc/', 6) === 0;  // our own
        };
        $this->lasting = self::connectionsIn($this->known) + array_filter($this->known, $isOfProc)
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

    /** @return array<int, string> */
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
