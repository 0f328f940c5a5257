<?php

namespace TaskQueue\Worker;

/** Measures the resources that this process uses from the object's creation on. */
final class ResourceUse
{
    private const NANOSECONDS_PER_MICROSECOND = 1000;

    /** @var array<string, int> */
    private $before;
    /** @var int nanoseconds */
    private $begun;

    public function __construct()
    {
        $this->before = self::figures();
        $this->begun = hrtime(true);
    }

    /**
     * Returns the members of an outcome. Only a worker that takes batches tells the time.
     *
     * @return array{UserCpuMs: int, SystemCpuMs: int, MaxRssKb: int, RunMicroseconds?: int}
     */
    public function sinceThen(bool $tellsTime = false): array
    {
        $now = self::figures();
        $time = intdiv(hrtime(true) - $this->begun, self::NANOSECONDS_PER_MICROSECOND);
        return [
            'UserCpuMs' => $now['ru_utime'] - $this->before['ru_utime'],
            'SystemCpuMs' => $now['ru_stime'] - $this->before['ru_stime'],
            'MaxRssKb' => $now['ru_maxrss'],
        ] + ($tellsTime ? ['RunMicroseconds' => $time] : []);
    }

    /**
     * Returns the CPU times in milliseconds, and the memory in kilobytes.
     *
     * @return array<string, int>
     */
    private static function figures(): array
    {
        $use = getrusage();
        $figures = ['ru_maxrss' => $use['ru_maxrss']];
        foreach (['ru_utime', 'ru_stime'] as $name) {
            $figures[$name] = $use["$name.tv_sec"] * 1000 + intdiv($use["$name.tv_usec"], 1000);
        }
        return $figures;
    }
}
