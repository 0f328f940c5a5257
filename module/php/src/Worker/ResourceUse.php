<?php

namespace TaskQueue\Worker;

/** Measures the resources that this process uses from the object's creation on. */
final class ResourceUse
{
    /** @var array<string, int> */
    private $before;

    public function __construct()
    {
        $this->before = self::cpuTimes();
    }

    /**
     * Returns the members of an outcome.
     *
     * @return array{UserCpuMs: int, SystemCpuMs: int, MaxRssKb: int}
     */
    public function sinceThen(): array
    {
        $now = self::cpuTimes();
        return [
            'UserCpuMs' => $now['ru_utime'] - $this->before['ru_utime'],
            'SystemCpuMs' => $now['ru_stime'] - $this->before['ru_stime'],
            'MaxRssKb' => getrusage()['ru_maxrss'],
        ];
    }

    /**
     * Returns milliseconds.
     *
     * @return array<string, int>
     */
    private static function cpuTimes(): array
    {
        $use = getrusage();
        $times = [];
        foreach (['ru_utime', 'ru_stime'] as $name) {
            $times[$name] = $use["$name.tv_sec"] * 1000 + intdiv($use["$name.tv_usec"], 1000);
        }
        return $times;
    }
}
