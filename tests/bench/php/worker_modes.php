<?php
// php worker_modes.php measures the cost of a run in a persistent PHP worker and with --fork, alternately. It also measures
// the time for the process state between two runs. Prints medians, by default in µs.

use TaskQueue\Worker\Descriptors;
use TaskQueue\Worker\LeftBehind;
use TaskQueue\Worker\ProcessState;

$root = dirname(__DIR__, 3);
require "$root/module/php/autoload.php";
require "$root/tests/support/php/checks.php";
require "$root/tests/support/php/hosted_worker.php";

const ROUNDS = 20;
const RUNS_OF_A_ROUND = 10;

$median = static function (array $values): float {
    sort($values);
    return $values[intdiv(count($values), 2)];
};
$workers = ['kept' => [], 'fork' => ['--fork']];
foreach ($workers as $mode => $options) {
    $workers[$mode] = new HostedWorker(__DIR__ . '/handlers.php', array_merge($options, ['--recycle-runs=1000000']));
    $workers[$mode]->endOf('PhpNoop');
}
$latencies = ['kept' => [], 'fork' => []];
$rates = ['kept' => [], 'fork' => []];
for ($round = 0; $round < ROUNDS; ++$round) {
    foreach ($workers as $mode => $worker) {
        $start = hrtime(true);
        for ($run = 0; $run < RUNS_OF_A_ROUND; ++$run) {
            $before = hrtime(true);
            $worker->endOf('PhpNoop');
            $latencies[$mode][] = (hrtime(true) - $before) / 1000;
        }
        $rates[$mode][] = RUNS_OF_A_ROUND / ((hrtime(true) - $start) / 1e9);
    }
}
foreach ($latencies as $mode => $values) {
    printf("%-4s %6.0f from order to outcome, %5.0f runs/s\n", $mode, $median($values), $median($rates[$mode]));
}
printf("fork to kept: %.1f times the latency, %.2f of the rate\n", $median($latencies['fork']) / $median($latencies['kept']),
    $median($rates['fork']) / $median($rates['kept']));

$descriptors = new Descriptors();
$leftBehind = new LeftBehind();
$state = new ProcessState(stream_get_wrappers(), $descriptors);
$times = [];
for ($i = 0; $i < ROUNDS * RUNS_OF_A_ROUND; ++$i) {
    $before = hrtime(true);
    $state->beginRun();
    $descriptors->look();
    $stays = $state->restore();
    $leftBehind->kill();
    $times[] = (hrtime(true) - $before) / 1000;
    check($stays === [], 'nothing has changed');
}
printf("state of the process between two runs: %.0f\n", $median($times));
