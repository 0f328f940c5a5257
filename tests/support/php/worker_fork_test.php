<?php
// A PHP worker with --fork: php worker_fork_test.php. Prints "ok" and exits with 0, or names the first failure. Each run is a
// separate process, and only the worker talks to the runner.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';
require __DIR__ . '/database_server.php';

$file = tempnam(sys_get_temp_dir(), 'taskqueue-php-');
register_shutdown_function('unlink', $file);
$load = static function (string $code = '', array $options = ['--fork'], array $settings = ['memory_limit=128M']) use ($file): HostedWorker {
    file_put_contents($file, '<?php require_once ' . var_export(__DIR__ . '/worker_handlers.php', true) . ';
        use TaskQueue\Worker\Worker; while (ob_get_level() > 0) ob_end_clean(); ' . $code . ' return [Does::class];');
    return new HostedWorker($file, $options, $settings);
};
$eventually = static function (callable $condition, string $what): void {
    for ($end = microtime(true) + 20; !$condition(); usleep(20000)) {
        check(microtime(true) < $end, $what);
    }
};
$worker = $load('mt_srand(5);');
$do = static function (string $code) use (&$worker): array {
    return $worker->endOf('Does', ['do' => $code]);
};
$succeeds = static function (string $code, $results, string $what) use ($do, &$worker): void {
    $said = $do($code);
    check($said['type'] === 'result' && ($said['Results'] ?? null) === $results && !isset($said['last']),
        "$what: " . substr(json_encode($said), 0, 500) . $worker->output('stderr'));
};
$fails = static function (string $code, string $errorCode, string $part, string $what) use ($do): void {
    $said = $do($code);
    $shown = substr(json_encode($said), 0, 500);
    check($said['type'] === 'error' && $said['ErrorCode'] === $errorCode && strpos($said['ErrorMessage'], $part) !== false && !isset($said['last']), "$what: $shown");
};

// A run is a separate process, which leaves nothing behind for the next.
$first = $do('define("LEFT", 1); eval("final class Left {}"); $_SERVER["x"] = 1; ini_set("precision", "3"); chdir("/"); posix_setrlimit(POSIX_RLIMIT_NOFILE, 64, 64);'
    . ' $GLOBALS["left"] = fopen("/dev/zero", "r"); register_shutdown_function(function () { echo "at the end"; }); return getmypid();');
check($first['type'] === 'result' && $first['Results'] !== $worker->pid() && !isset($first['last']), 'a run: ' . json_encode($first));
check(isset($first['UserCpuMs'], $first['MaxRssKb']), 'and what it used');
check($worker->output('stdout') === 'at the end', 'what its shutdown functions write belongs to it');
$worker->output('stderr');
$succeeds('return [defined("LEFT"), class_exists("Left"), isset($_SERVER["x"]), ini_get("precision") === "3", getcwd(), isset($GLOBALS["left"]),'
    . ' posix_getrlimit()["hard openfiles"] === 64];', [false, false, false, false, '/usr', false, false], 'the next one finds nothing of it');
check($do('return mt_rand();')['Results'] !== $do('return mt_rand();')['Results'], 'two runs draw different numbers');

$worker = $load('final class OfTheWorker { function __destruct() { echo "destroyed"; } } $GLOBALS["kept"] = new OfTheWorker();');
$succeeds('return 1;', 1, 'a run beside an object of the bootstrap file');
$succeeds('register_shutdown_function(function () { echo "at the end"; }); return 2;', 2, 'another one');
check($worker->output('stdout') === 'at the end', 'what the bootstrap file has made is not destroyed by a run');

// Ways in which a run ends.
$worker = $load();
$fails('throw new DomainException("no such customer");', 'DomainException', 'no such customer', 'an exception');
check(strpos($worker->output('stderr'), '#0 ') !== false, 'has its trace');
$fails('echo "half"; exit(0);', 'exit', 'exit or die', 'exit');
check($worker->output('stdout') === 'half', 'what it wrote before');
$fails('(function () { $x = []; while (true) { $x[] = str_repeat("x", 1 << 20); } })();', 'fatal_error', 'Allowed memory size', 'exhausted memory');
$fails('posix_kill(getmypid(), SIGSEGV); sleep(100);', 'signal', 'signal ' . SIGSEGV, 'a crash');
$fails('pcntl_exec("/bin/false");', 'worker_ended', 'status 1', 'another program');
$fails('fclose(STDERR); fclose(STDOUT); throw new DomainException("told");', 'DomainException', 'told', 'closed streams');
$said = $do('throw new TaskQueue\RetryAfter("busy", "closed", 3);');
check($said['type'] === 'retry_after' && $said['Seconds'] === 3, 'retry after');
$succeeds('return str_repeat("x", 1048000);', str_repeat('x', 1048000), 'large Results');
$succeeds('$child = pcntl_fork(); if ($child === 0) { return "of the child"; } pcntl_waitpid($child, $status); return "of the run";', 'of the run', 'a fork of it');
check($worker->isSilent(), 'says nothing');
$left = $do('if (($child = pcntl_fork()) === 0) { sleep(300); } return $child;')['Results'];
check(!posix_kill($left, 0) || strpos((string)@file_get_contents("/proc/$left/stat"), ') Z ') !== false, 'what it leaves behind is gone');
$worker->output('stderr');

$worker = $load('final class Careful implements TaskQueue\IDeclaredTaskHandler { static function getTaskHandlerSettings(): array { return ["OnCrash" => "fail"]; }
    function handleTaskRun(TaskQueue\TaskRun $run) { posix_kill(getmypid(), SIGKILL); } } return [Careful::class];');
$said = $worker->endOf('Careful');
check($said['type'] === 'give_up' && $said['ErrorCode'] === 'signal', 'a crash of a handler with OnCrash fail is not tried again: ' . json_encode($said));
$worker = $load();

// The runner learns of a mask before it gets the output written after it.
$messages = $worker->run('Does', ['do' => '$run->mask("hunter2"); echo "hunter2"; return 1;']);
check(array_column($messages, 'type') === ['mask', 'result'] && $messages[0]['Value'] === 'hunter2', 'a mask: ' . json_encode($messages));
$worker->output('stdout');
$messages = $worker->run('Does', ['do' => 'for ($i = 0; $i < 50; ++$i) { $run->mask("value $i"); } return $run->isCancelled();']);
check(count($messages) === 51 && end($messages)['Results'] === false, 'many masks: ' . json_encode(end($messages)));

// Progress and stop requests.
$messages = $worker->run('Does', ['do' => '$run->setProgress(10, "a"); usleep(150000); $run->setProgress(20, "b"); return 1;']);
check(array_column($messages, 'PercentsCompleted') === [10, 20] && $messages[1]['ProgressNote'] === 'b', 'progress: ' . json_encode($messages));
$worker->start('Does', ['do' => '$run->setProgress(1); while (!$run->isCancelled()) { usleep(10000); } throw new DomainException("stopped");']);
check($worker->receive()['type'] === 'progress', 'it is running');
$worker->say(['type' => 'cancel']);
check($worker->receive()['ErrorCode'] === 'DomainException', 'a run that is cancelled learns of it');
$succeeds('return $run->isCancelled();', false, 'and the next one is not');

// No process is left after the runner has gone.
$worker->start('Does', ['do' => '$run->setProgress(1, (string)getmypid()); sleep(300);']);
$pid = (int)$worker->receive()['ProgressNote'];
$worker->leave();
$eventually(static function () use ($pid): bool {
    return !is_dir("/proc/$pid") || strpos((string)@file_get_contents("/proc/$pid/stat"), ') Z ') !== false;
}, 'the run ends with its runner');

// Whatever the bootstrap file does with SIGCHLD, runs get their outcomes and find its settings unchanged.
foreach (['pcntl_signal(SIGCHLD, SIG_IGN);', 'pcntl_async_signals(true); pcntl_signal(SIGCHLD, function () { while (pcntl_waitpid(-1, $s, WNOHANG) > 0); });'] as $habit) {
    $worker = $load($habit);
    $succeeds('return pcntl_signal_get_handler(SIGCHLD) !== SIG_DFL;', true, "with $habit");
    $fails('posix_kill(getmypid(), SIGSEGV); sleep(100);', 'signal', 'signal ' . SIGSEGV, "a crash with $habit");
}

// The worker is recycled, and a time limit of the bootstrap file applies to each run.
$worker = $load('set_time_limit(1);', ['--fork', '--recycle-runs=3']);
$burns = 'while (true) { hash("sha256", str_repeat("x", 10000)); }';
for ($time = 1; $time <= 2; ++$time) {
    $fails($burns, 'fatal_error', 'Maximum execution time of 1 second', "the time limit, run $time");
}
check($do('return 1;')['recycle'] === true, 'the third run asks for a successor');

// Settings that a fork does not support are rejected.
$worker = $load('', ['--fork'], ['disable_functions=pcntl_fork']);
check($worker->handlers['type'] === 'refused' && strpos($worker->handlers['Problem'], 'pcntl') !== false, 'without pcntl: ' . json_encode($worker->handlers));
check($worker->ends() && strpos($worker->output('stderr'), '--fork') !== false, 'it ends and says why');

// Hooks and connections.
$server = new DatabaseServer();
$opens = "function opens() { return new PDO('mysql:unix_socket={$server->socket()};dbname=site', 'root', '', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]); } ";
$worker = $load($opens . '$GLOBALS["db"] = opens();');
check($worker->handlers['type'] === 'refused' && strpos($worker->handlers['Problem'], 'afterFork') !== false, 'a shared connection: ' . json_encode($worker->handlers));
$worker = $load($opens . '$GLOBALS["db"] = opens(); Worker::afterFork(function () { $GLOBALS["told"][] = "fork"; $GLOBALS["db"] = opens(); });'
    . ' Worker::beforeRun(function ($run) { $GLOBALS["told"][] = $run->getId(); }); Worker::afterRun(function () { echo json_encode($GLOBALS["told"]); });');
$ids = [];
for ($time = 1; $time <= 3; ++$time) {
    $ids[] = $do('return $GLOBALS["db"]->query("SELECT CONNECTION_ID()")->fetchColumn();')['Results'] ?? $worker->output('stderr');
    check($worker->output('stdout') === "[\"fork\",$time]", "the hooks of run $time");
}
check(count(array_unique($ids)) === 3, 'each run has a connection of its own: ' . json_encode($ids));
$fails('$GLOBALS["db"]->beginTransaction(); $GLOBALS["db"]->exec("INSERT INTO t VALUES (1)"); return 1;', 'open_transaction', 'rolled back', 'a transaction left open');
$succeeds('return (int)$GLOBALS["db"]->query("SELECT COUNT(*) FROM t")->fetchColumn();', 0, 'was rolled back');
$worker = $load($opens . 'function db() { static $c; return $c = $c ?? opens(); }');
$fails('db()->beginTransaction(); return 1;', 'open_transaction', 'rolled back', 'a transaction left open in a connection that the run has opened');
$succeeds('return (int)db()->query("SELECT 5")->fetchColumn();', 5, 'another run opens its own');
$worker = $load('Worker::afterFork(function () { throw new DomainException("no fork"); });');
$fails('return 1;', 'DomainException', 'no fork', 'a hook that throws');
echo "ok\n";
