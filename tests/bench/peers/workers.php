<?php
// Shared by the PHP peers: it starts this many workers and measures the rate between the first and the last start of a job.

final class Stopwatch
{
    public static int $jobs = 0;
    public static int $first = 0;
    public static int $last = 0;

    public static function hit(): void
    {
        self::$last = hrtime(true);
        self::$first = self::$first ?: self::$last;
        ++self::$jobs;
    }
}

/** Runs $work in each process until it returns, and prints the total jobs per second. */
function printRate(int $workers, int $jobs, callable $work): void
{
    $results = [];
    for ($i = 0; $i < $workers; ++$i) {
        $file = tempnam(sys_get_temp_dir(), 'bench');
        $process = pcntl_fork();
        if ($process === 0) {
            $work();
            file_put_contents($file, json_encode([Stopwatch::$jobs, Stopwatch::$first, Stopwatch::$last]));
            exit(0);
        }
        $results[$process] = $file;
    }
    $done = 0;
    $first = PHP_INT_MAX;
    $last = 0;
    foreach ($results as $process => $file) {
        pcntl_waitpid($process, $status);
        [$count, $begin, $end] = json_decode(file_get_contents($file), true) ?? [0, 0, 0];
        unlink($file);
        $done += $count;
        $first = $count > 0 ? min($first, $begin) : $first;
        $last = max($last, $end);
    }
    if ($done < $jobs) {
        fwrite(STDERR, "only $done of $jobs jobs were done\n");
        exit(1);
    }
    echo $done * 1e9 / ($last - $first), "\n";
}
