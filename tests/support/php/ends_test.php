<?php
// How runs in a PHP worker end: php ends_test.php. Prints "ok" and exits with 0, or names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';

use TaskQueue\Delay;
use TaskQueue\RetryAfter;
use TaskQueue\Snooze;

$newWorker = static function (): HostedWorker {
    $worker = new HostedWorker(__DIR__ . '/worker_handlers.php');
    $worker->output('stdout');
    return $worker;
};
$worker = $newWorker();
$end = static function (string $code) use (&$worker): array {
    return $worker->endOf('Does', ['do' => $code]);
};
// Returns the end of a run that is asked to stop while it works. The run reports progress, and then receives the request.
$stopped = static function (string $code, array $cancel) use (&$worker): array {
    $worker->start('Does', ['do' => '$run->setProgress(30, "works"); while (!is_file("/tmp/taskqueue-php-told")) { usleep(1000); }' . $code]);
    check($worker->receive()['ProgressNote'] === 'works', 'it works');
    $worker->say(['type' => 'cancel'] + $cancel);
    touch('/tmp/taskqueue-php-told');
    do {
        $message = $worker->receive();
    } while ($message['type'] === 'progress');
    unlink('/tmp/taskqueue-php-told');
    return $message;
};
@unlink('/tmp/taskqueue-php-told');

// A handler that returns after it has read the request has stopped, and its Results stay.
$codes = ['cancel' => 'cancelled', 'shutdown' => 'shutdown', 'time_limit' => 'time_limit'];
$wait = 'while (!$run->isCancelled()) { usleep(1000); }';
foreach ($codes as $reason => $code) {
    $said = $stopped("$wait return ['rows' => 3];", ['reason' => $reason]);
    check($said['type'] === 'error' && $said['ErrorCode'] === $code, "returning after the question ($reason): " . json_encode($said));
    check($said['Results'] === ['rows' => 3] && $said['ErrorMessage'] === '', "its Results ($reason): " . json_encode($said));
    $said = $stopped("$wait return \$run->stopReason();", ['reason' => $reason]);
    check($said['Results'] === $reason, "the reasons are told apart ($reason): " . json_encode($said));
    $worker->output('stderr');
    $said = $stopped('while (true) { $run->stopIfAsked("It has come to row 3."); usleep(1000); }', ['reason' => $reason]);
    check($said['type'] === 'error' && $said['ErrorCode'] === $code, "stopIfAsked() throws ($reason): " . json_encode($said));
    check($said['ErrorMessage'] === 'It has come to row 3.', "the handler's words ($reason): " . json_encode($said));
    check($worker->output('stderr') === '', "a stop is no exception to be told of ($reason)");
}
$said = $stopped("$wait return \$run->stopReason();", []);
check($said['ErrorCode'] === 'cancelled' && $said['Results'] === 'cancel', 'a runner that gives no reason: ' . json_encode($said));
$said = $stopped("try { while (true) { \$run->stopIfAsked(); } } catch (Exception \$all) {} return 1;", ['reason' => 'cancel']);
check($said['type'] === 'error' && $said['ErrorCode'] === 'cancelled', 'a stop that the handler swallows: ' . json_encode($said));

// These runs do not end as stopped.
$said = $stopped("$wait \$run->finished(); return 'all';", ['reason' => 'shutdown']);
check($said['type'] === 'result' && $said['Results'] === 'all', 'finished() all the same: ' . json_encode($said));
$said = $stopped('return "all";', ['reason' => 'cancel']);
check($said['type'] === 'result' && $said['Results'] === 'all', 'a handler that never asks has finished: ' . json_encode($said));
$said = $end('return $run->stopReason();');
check($said['type'] === 'result' && !isset($said['Results']), 'a request of an earlier run is none of the next one: ' . json_encode($said));
$said = $end('$run->stopIfAsked(); $run->finished(); return $run->isCancelled();');
check($said['type'] === 'result' && $said['Results'] === false, 'nobody has asked: ' . json_encode($said));

// A delay is never shorter than asked.
foreach ([[0, 0], [30, 30], [30.0, 30], [0.2, 1], [59.01, 60], ['7', 7], ['0.5', 1], [31622400, 31622400]] as [$asked, $seconds]) {
    check((new RetryAfter('busy', 'later', $asked))->getSeconds() === $seconds, 'RetryAfter ' . var_export($asked, true));
    check((new Snooze($asked))->getSeconds() === $seconds, 'Snooze ' . var_export($asked, true));
}
foreach ([-1, -0.1, 31622400.5, 1e300, NAN, INF, 'soon', null, true, []] as $asked) {
    try {
        Delay::wholeSeconds($asked);
        check(false, 'refused: ' . var_export($asked, true));
    } catch (InvalidArgumentException $error) {
        check(strpos($error->getMessage(), 'from 0 to 31622400, not ') !== false, $error->getMessage());
    }
}
$said = $end('throw new TaskQueue\Snooze(1.5);');
check($said['type'] === 'snooze' && $said['Seconds'] === 2, 'a snooze of 1.5 s: ' . json_encode($said));
$said = $end('throw new TaskQueue\RetryAfter("busy", "later", -1);');
check($said['type'] === 'error' && strpos($said['ErrorMessage'], 'not -1') !== false, 'a negative wait: ' . json_encode($said));

// The trace includes previous exceptions.
$worker->output('stderr');
$end('throw new RuntimeException("outer", 0, new LogicException("middle", 0, new DomainException("the cause")));');
$told = $worker->output('stderr');
foreach (['RuntimeException: outer in ', 'caused by LogicException: middle in ', 'caused by DomainException: the cause in '] as $part) {
    check(strpos($told, $part) !== false, "'$part' in: $told");
}
check(substr_count($told, "\n#0 ") === 3 && strpos($told, 'outer') < strpos($told, 'middle'), "each with its frames: $told");
$end('throw new TaskQueue\TaskError("busy", "told", new DomainException("the cause"));');
check(strpos($worker->output('stderr'), 'caused by DomainException: the cause in ') !== false, 'also of a known error');

// The newest frames are always kept; the middle of a deep trace is cut, with a note.
$deep = '$dive = function ($left) use (&$dive) { if ($left === 0) { throw new DomainException("deep", 0, new LogicException("its cause")); } $dive($left - 1); }; $dive(%d);';
$end(sprintf($deep, 20000));
$told = $worker->output('stderr');
check(strlen($told) < 100000, 'a trace of bounded size: ' . strlen($told));
foreach (["\n#0 ", "\n#49 ", ' frames are left out …', '{main}', 'caused by LogicException: its cause'] as $part) {
    check(strpos($told, $part) !== false, "'$part' in: " . substr($told, 0, 2000));
}
check(preg_match('/^#0 .*worker_handlers\.php\(\d+\) : eval/m', $told) === 1, 'the newest frame tells its place: ' . substr($told, 0, 500));
$end('for ($e = null, $i = 0; $i < 100; ++$i) { $e = new DomainException("number $i", 0, $e); } throw $e;');
$told = $worker->output('stderr');
foreach (['number 99 in', 'number 90 in', '80 exceptions are left out', 'number 9 in', 'number 0 in'] as $part) {
    check(strpos($told, $part) !== false, "of a long chain: '$part'");
}
check(strpos($told, 'number 50 in') === false, 'the middle of a long chain');
$end('throw new DomainException("before\0after");');
check(strpos($worker->output('stderr'), "before\u{FFFD}after") !== false, 'a NUL in a message does not cut it');

// Results are kept however the run ends, as long as the process can still send them.
foreach (['exit(0);' => 'exit', 'eval("final class Does {}");' => 'fatal_error',
    '$all = []; while (true) { $all[] = str_repeat("x", 1 << 20); }' => 'fatal_error'] as $code => $expected) {
    $worker = $newWorker();
    $said = $end('$run->setResults(["rows" => 3]); ' . $code);
    check($said['type'] === 'error' && $said['ErrorCode'] === $expected, "$code: " . json_encode($said));
    check(($said['Results'] ?? null) === ['rows' => 3], "$code: its Results: " . json_encode($said));
}
echo "ok\n";
