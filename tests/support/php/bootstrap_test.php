<?php
// Bootstrap files that cannot be loaded, and worker.php --check: php bootstrap_test.php. Prints "ok" and exits with 0, or
// names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';

$directory = sys_get_temp_dir() . '/taskqueue-bootstrap-' . getmypid();
mkdir($directory);
register_shutdown_function(static function () use ($directory): void {
    array_map('unlink', glob("$directory/*"));
    rmdir($directory);
});
$bootstrap = "$directory/tasks.php";
$included = "$directory/included.php";
$write = static function (string $file, string $code): void {
    file_put_contents("$file.new", "<?php\n$code");
    rename("$file.new", $file);
};
$handler = "final class Does implements TaskQueue\\ITaskHandler { function handleTaskRun(TaskQueue\\TaskRun \$run) { return 1; } }\n";
$good = $handler . 'return [Does::class];';

/** Returns exit status, standard output and standard error of worker.php --check. */
$check = static function (string ...$options) use ($bootstrap): array {
    $command = array_merge([PHP_BINARY, '-d', 'memory_limit=64M', dirname(__DIR__, 3) . '/module/php/worker.php', '--check', "--bootstrap=$bootstrap"], $options);
    $process = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes, '/');
    $texts = [stream_get_contents($pipes[1]), stream_get_contents($pipes[2])];
    return [proc_close($process), $texts[0], $texts[1]];
};

// Broken code, a part of the error, and the line that the error names.
$broken = [
    'a syntax error' => ["\$a = ;\n", 'ParseError: syntax error', "$bootstrap:2"],
    'a syntax error in an included file' => ["require '$included';", 'ParseError', "$included:3"],
    'a fatal error' => ["interface A {}\nclass B implements A { function x(); }", 'Non-abstract method B::x() must contain body', "$bootstrap:3"],
    'an exception with its cause' => ['throw new LogicException("the site", 1, new DomainException("no database"));', 'caused by DomainException: no database', "$bootstrap:2"],
    'exhausted memory' => ['$a = []; while (true) { $a[] = str_repeat("x", 1 << 20); }', 'Allowed memory size', "$bootstrap:2"],
    'exit' => ['exit(0);', 'exit', $bootstrap],
    'no list' => ['return 1;', 'must return an array', $bootstrap],
    'a class that is not there' => ['return ["NoSuchClass"];', 'there is no class NoSuchClass', $bootstrap],
    'a class that is no handler' => ['return [ArrayObject::class];', 'ArrayObject is no class that implements TaskQueue\ITaskHandler', $bootstrap],
    'an abstract handler' => ["abstract class A implements TaskQueue\\ITaskHandler {}\nreturn [A::class];", 'A cannot be made', $bootstrap],
    'a handler that wants arguments' => ["abstract class A implements TaskQueue\\ITaskHandler { function __construct(\$x) {} }\nreturn [A::class];", 'A cannot be made', $bootstrap],
    'a function without a name' => ['return [static function () {}];', 'entry 0 of the list is an object of Closure and has no name', $bootstrap],
    'a handler in place of its class' => [$handler . 'return [new Does()];', 'an object of Does and has no name of a handler; give', $bootstrap],
    'an empty name' => ['return ["" => static function () {}];', 'the name of a handler is empty: give 1 to 255', $bootstrap],
    'settings that throw' => ["class A implements TaskQueue\\IDeclaredTaskHandler { static function getTaskHandlerSettings(): array { throw new LogicException('settings'); }\n"
        . " function handleTaskRun(TaskQueue\\TaskRun \$run) {} }\nreturn [A::class];", 'LogicException: settings', "$bootstrap:2"],
];
$write($included, "function x() {\n    \$a = ;\n}\n");
foreach ($broken as $what => [$code, $reason, $place]) {
    $write($bootstrap, $code);
    [$status, $output, $errors] = $check();
    check($status === 65 && $output === '', "$what: refused by --check: $status $output");
    check(strpos($errors, $reason) !== false && strpos($errors, $place) !== false, "$what: $errors names $place");
    $worker = new HostedWorker($bootstrap);
    $said = $worker->handlers;
    check($said['type'] === 'refused' && $said['watches'] === true, "$what: the worker refuses: " . json_encode($said));
    check(strpos($said['Problem'], $reason) !== false && strpos($said['Problem'], $place) !== false, "$what: {$said['Problem']} names $place");
    unset($worker);
}

$write($bootstrap, 'return [];');
[$status, $output, $errors] = $check();
check($status === 65 && $output === '' && strpos($errors, "$bootstrap: it returns no handler") !== false, "no handler: $status $errors");

// A worker that refused its bootstrap file ends when the faulty file changes or appears, and not before.
$write($bootstrap, "require '$included';\nreturn [];");
touch($included, time() - 100);
touch($bootstrap, time() - 100);
$worker = new HostedWorker($bootstrap);
check($worker->handlers['type'] === 'refused', 'it refuses');
sleep(2);
check($worker->isSilent() && posix_kill($worker->pid(), 0), 'it waits while nothing changes');
$write($included, '');
check($worker->ends(), 'it ends when the included file changes');
unlink($included);
touch($directory, time() - 100);
$worker = new HostedWorker($bootstrap);
check($worker->handlers['type'] === 'refused', 'a file is missing');
$write($included, $handler);
check($worker->ends(), 'it ends when the missing file is there');
unset($worker);

// The same holds for files elsewhere that PHP does not list, since it could not compile or find them.
$elsewhere = sys_get_temp_dir() . '/taskqueue-elsewhere-' . getmypid();
mkdir($elsewhere);
foreach (['$a = ;' => 'syntax error', 'interface A {} class B implements A { function x(); }' => 'must contain body', '' => 'Failed opening'] as $code => $reason) {
    $part = "$elsewhere/part.php";
    $write($bootstrap, "require '$part';\nreturn [];");
    @unlink($part);
    if ($code !== '') {
        file_put_contents($part, "<?php\n$code");
        touch($part, time() - 100);
    }
    array_map(static function (string $path): void { touch($path, time() - 100); }, [$elsewhere, $bootstrap, $directory]);
    $worker = new HostedWorker($bootstrap);
    check(strpos($worker->handlers['Problem'], $reason) !== false, "$reason: " . json_encode($worker->handlers));
    $mendedAt = microtime(true);
    file_put_contents($part, '<?php');
    check($worker->ends() && microtime(true) - $mendedAt < 15, "$reason: it ends when the file is mended in its place");
    unset($worker);
    unlink($part);
}
rmdir($elsewhere);

// Each runner setting that breaks a rule is named.
foreach ([
    ["'MaxRetries' => 1001", 'A: MaxRetries must be a whole number from 0 to 1000'],
    ["'MaxRetries' => '3'", 'A: MaxRetries must be a whole number'],
    ["'TimeLimitSeconds' => -0.5", 'A: TimeLimitSeconds must be a number from 0'],
    ["'MaxRetries' => 1.5", 'A: MaxRetries must be a whole number'],
    ["'Priority' => 10", 'A: Priority must be a whole number from 0 to 9'],
    ["'OnCrash' => 'stop'", 'A: OnCrash must be retry or fail'],
    ["'Queue' => 'a b'", 'A: Queue must be 1 to 64 letters'],
    ["'Queue' => '..'", "A: Queue must be 1 to 64 letters"],
    ["'MaxRetrys' => 3", 'A: MaxRetrys is no setting of a handler'],
    ["'DataSchema' => '{'", 'A: DataSchema is no JSON'],
    ["'DataSchema' => [1]", 'A: DataSchema must be a JSON Schema, an object'],
] as [$setting, $reason]) {
    $write($bootstrap, "class A implements TaskQueue\\IDeclaredTaskHandler { static function getTaskHandlerSettings(): array { return [$setting]; }\n"
        . " function handleTaskRun(TaskQueue\\TaskRun \$run) {} }\nreturn [A::class];");
    [$status, , $errors] = $check();
    check($status === 65 && strpos($errors, $reason) !== false, "$setting: $status $errors");
}

// A valid file prints only its classes, whatever the site prints.
$write($bootstrap, "echo 'from the site';\n$good");
[$status, $output, $errors] = $check();
check($status === 0 && $output === "Does\n" && $errors === '', "a good one: $status $output $errors");
[$status, $output] = $check('--json');
check($status === 0 && json_decode($output, true) === ['handlers' => [['TaskHandlerClass' => 'Does']]], "as JSON: $output");
$write($bootstrap, "class A implements TaskQueue\\IDeclaredTaskHandler { static function getTaskHandlerSettings(): array { return ['TimeLimitSeconds' => 1.5, 'MaxRetries' => 3.0]; }\n"
    . " function handleTaskRun(TaskQueue\\TaskRun \$run) {} }\nreturn [A::class];");
check($check()[0] === 0, 'the numbers that a runner takes');
// It checks the same things as the worker: hooks, watched connections and the needs of a fork.
$write($bootstrap, "TaskQueue\\Worker\\Worker::watch(mysqli_init());\n$good");
[$status, , $errors] = $check();
check($status === 65 && strpos($errors, 'does not answer') !== false, "a connection that does not answer: $status $errors");
$write($bootstrap, $good);
[$status, $output, $errors] = $check('--fork');
check($status === 0 && $output === "Does\n", "with --fork: $status $output $errors");
[$status, , $errors] = $check('--jason');
check($status === 64 && strpos($errors, "there is no option '--jason'; known are --bootstrap=FILE") !== false, "an option that is not known: $errors");

// A worker past its recycle limit continues: its runner decides when to replace it.
$worker = new HostedWorker($bootstrap, ['--recycle-runs=2']);
check(!isset($worker->endOf('Does')['recycle']), 'the first run');
$said = $worker->endOf('Does');
check($said['recycle'] === true && !isset($said['last']), 'the second one: ' . json_encode($said));
check($worker->endOf('Does')['recycle'] === true, 'and one more');
echo "ok\n";
