<?php
// worker.php --watch: php worker_watch_test.php. Prints "ok" and exits with 0, or names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';

$directory = sys_get_temp_dir() . '/taskqueue-watch-' . getmypid();
mkdir($directory);
register_shutdown_function(static function () use ($directory): void {
    array_map('unlink', glob("$directory/*"));
    rmdir($directory);
});
// Files are older than the worker, so that only a later change counts.
$write = static function (string $name, string $code, int $age = 100) use ($directory): string {
    file_put_contents("$directory/$name", "<?php\n$code");
    touch("$directory/$name", time() - $age);
    return "$directory/$name";
};
$bootstrap = $write('tasks.php', 'require_once __DIR__ . "/part.php"; spl_autoload_register(function ($class) { if ($class === "Later") { require __DIR__ . "/later.php"; } });
    class Does implements TaskQueue\ITaskHandler { public function handleTaskRun(TaskQueue\TaskRun $run) { return eval($run->getTaskData()["do"]); } }
    return [Does::class];');
$write('part.php', 'function part() { return 1; }');
$write('later.php', 'class Later {}');

// A worker that stands ready asks to be replaced, and goes on asking.
$worker = new HostedWorker($bootstrap, ['--watch']);
check($worker->handlers['type'] === 'handlers', json_encode($worker->handlers));
usleep(500000);
check($worker->isSilent(), 'it is silent while nothing changes');
check($worker->endOf('Does', ['do' => 'return part();']) ['Results'] === 1, 'a run');
$changedAt = microtime(true);
$write('part.php', 'function part() { return 2; }', 50);
check($worker->receive() === ['type' => 'recycle'] && microtime(true) - $changedAt < 10, 'it asks to be replaced');
check($worker->receive() === ['type' => 'recycle'], 'and asks again');
// A run that it is given all the same is left to another worker, since the code is old.
$said = $worker->endOf('Does', ['do' => 'return part();']);
check($said['type'] === 'snooze' && $said['Seconds'] === 0 && $said['last'] === true && $worker->ends(), 'no run with old code: ' . json_encode($said));

// A change during a run is told at its end; a file that was loaded by a run counts, too.
$worker = new HostedWorker($bootstrap, ['--watch']);
$said = $worker->endOf('Does', ['do' => "new Later(); return 1;"]);
check($said['type'] === 'result' && !isset($said['recycle']), 'a run that loads a class: ' . json_encode($said));
$write('later.php', 'class Later { public $more; }', 50);
check($worker->receive() === ['type' => 'recycle'], 'a class that a run has loaded');
$worker = new HostedWorker($bootstrap, ['--watch']);
$said = $worker->endOf('Does', ['do' => "file_put_contents('$directory/part.php', '<?php // empty'); return 1;"]);
check($said['type'] === 'result' && $said['recycle'] === true, 'a change in the middle of a run: ' . json_encode($said));

// A deployment changes a link; without --watch nothing is looked at.
$write('part.php', 'function part() { return 1; }');
$release = $write('release.php', "return require '$bootstrap';");
symlink($release, "$directory/link.php");
$write('next.php', "return require '$bootstrap';");
$worker = new HostedWorker("$directory/link.php", ['--watch']);
$other = new HostedWorker($bootstrap);
unlink("$directory/link.php");
symlink("$directory/next.php", "$directory/link.php");
check($worker->receive() === ['type' => 'recycle'], 'a link to other code');
$write('part.php', 'function part() { return 3; }', 50);
usleep(1500000);
check($other->isSilent(), 'without --watch');
echo "ok\n";
