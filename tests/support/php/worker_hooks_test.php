<?php
// The hooks of a PHP worker: php worker_hooks_test.php. Prints "ok" and exits with 0, or names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';

$file = tempnam(sys_get_temp_dir(), 'taskqueue-php-');
register_shutdown_function('unlink', $file);
$load = static function (string $code) use ($file): HostedWorker {
    file_put_contents($file, '<?php require_once ' . var_export(__DIR__ . '/worker_handlers.php', true) . ';
        use TaskQueue\Worker\Worker; while (ob_get_level() > 0) ob_end_clean(); ' . $code . ' return [Does::class];');
    return new HostedWorker($file);
};
$worker = null;
$do = static function (string $code) use (&$worker): array {
    return $worker->endOf('Does', ['do' => $code]);
};

// Hooks run around each run in the order of their registration. They get the run and its handler's exception.
$worker = $load('foreach (["a", "b"] as $name) { Worker::beforeRun(function (TaskQueue\TaskRun $run) use ($name) { echo "$name before {$run->getId()}, "; });
    Worker::afterRun(function (TaskQueue\TaskRun $run, ?Throwable $thrown) use ($name) { echo "$name after ", $thrown ? get_class($thrown) : "nothing", ", "; }); }');
$said = $do('echo "run, "; return 1;');
check($said['Results'] === 1 && !isset($said['last']), 'a run: ' . json_encode($said));
check($worker->output('stdout') === 'a before 1, b before 1, run, a after nothing, b after nothing, ', 'what the hooks write belongs to the run');
$said = $do('throw new TaskQueue\RetryAfter("busy", "closed", 9);');
check($said['type'] === 'retry_after', 'a run that throws: ' . json_encode($said));
check($worker->output('stdout') === 'a before 2, b before 2, a after TaskQueue\RetryAfter, b after TaskQueue\RetryAfter, ', 'its hooks are called');
$said = $do('if (pcntl_fork() === 0) { return 2; } pcntl_wait($status); return 3;');
check($said['Results'] === 3 && substr_count($worker->output('stdout'), 'a after') === 1, 'they are not called in a fork of the handler');

// An exception in beforeRun ends the run: the handler is not called, but afterRun is.
$worker = $load('Worker::beforeRun(function ($run) { if ($run->getId() === 1) { throw new TaskQueue\GiveUp("closed", "The shop is closed."); } });
    Worker::afterRun(function ($run, $thrown) { echo $thrown ? $thrown->getMessage() : "open"; });');
$said = $do('echo "run"; return 1;');
check($said['type'] === 'give_up' && $said['ErrorCode'] === 'closed' && !isset($said['last']), 'beforeRun throws: ' . json_encode($said));
check($worker->output('stdout') === 'The shop is closed.', 'the handler is not called');
check($do('return 1;')['type'] === 'result', 'the next run is another one');

// An exception in afterRun turns a success into an error. The worker ends, because its state is unknown.
$throws = 'Worker::afterRun(function () { throw new DomainException("not reset"); }); Worker::afterRun(function () { echo "second"; });';
$worker = $load($throws);
$said = $do('return 1;');
check($said['type'] === 'error' && $said['ErrorCode'] === 'DomainException' && $said['last'] === true, 'afterRun throws: ' . json_encode($said));
check($worker->output('stdout') === 'second', 'the others are called');
check(strpos($worker->output('stderr'), 'afterRun') !== false && $worker->ends(), 'it is told, and the worker ends');
$worker = $load($throws);
$said = $do('throw new LogicException("of the run");');
check($said['ErrorCode'] === 'LogicException' && $said['last'] === true, 'an error stays the one of the handler: ' . json_encode($said));

// A stop request read by a hook does not count for the handler: a handler that has not read it has finished.
$worker = $load('Worker::afterRun(function (TaskQueue\TaskRun $run) { $run->isCancelled(); });');
$token = $worker->start('Does', ['do' => 'usleep(300000); return "all done";']);
$worker->say(['type' => 'cancel', 'reason' => 'shutdown']);
$said = $worker->receive();
check($said['type'] === 'result' && $said['Results'] === 'all done' && $said['RunToken'] === $token, 'afterRun asks: ' . json_encode($said));

// Hooks registered during a run do not apply to other runs.
$worker = $load('');
$said = $do('TaskQueue\Worker\Worker::beforeRun(function () {});');
check($said['ErrorCode'] === 'LogicException' && strpos($said['ErrorMessage'], 'bootstrap file') !== false, 'a hook of a run: ' . json_encode($said));
$said = $do('TaskQueue\Worker\Worker::watch(new stdClass());');
check($said['ErrorCode'] === 'InvalidArgumentException' && strpos($said['ErrorMessage'], 'PDO or mysqli') !== false, 'no connection: ' . json_encode($said));

// Outside a worker the hooks do nothing: a site may load the same file for a page.
TaskQueue\Worker\Worker::beforeRun(function () {
    check(false, 'a hook outside of a worker is not called');
});
echo "ok\n";
