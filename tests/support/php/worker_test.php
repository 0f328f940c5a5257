<?php
// A PHP worker, driven as a runner does: php worker_test.php. Prints "ok" and exits with 0, or names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';

$bootstrap = __DIR__ . '/worker_handlers.php';
$newWorker = static function (string ...$options) use ($bootstrap): HostedWorker {
    return new HostedWorker($bootstrap, $options);
};
$worker = $newWorker();
check($worker->handlers['type'] === 'handlers' && $worker->handlers['handlers'][0]['TaskHandlerClass'] === 'Does', 'it announces');
check($worker->output('stdout') === 'from the bootstrap', 'what the bootstrap wrote is no output of a run');
$end = static function (string $code) use (&$worker): array {
    return $worker->endOf('Does', ['do' => $code]);
};
$succeeds = static function (string $code, $results, string $what) use ($end, &$worker): void {
    $said = $end($code);
    $shown = substr(json_encode($said), 0, 500) . ' ' . substr($worker->output('stderr'), 0, 500);
    check($said['type'] === 'result' && ($said['Results'] ?? null) === $results && !isset($said['last']), "$what: $shown");
};
$fails = static function (string $code, string $errorCode, string $part, string $what) use ($end): array {
    $said = $end($code);
    $shown = substr(json_encode($said), 0, 500);
    check($said['type'] === 'error' && $said['ErrorCode'] === $errorCode, "$what: $shown");
    check(strpos($said['ErrorMessage'], $part) !== false, "$what: $shown speaks of $part");
    return $said;
};

// The content of all output buffers belongs to the run.
$succeeds('ob_start(); ob_start(); echo "inner"; return 1;', 1, 'two buffers');
check($worker->output('stdout') === 'inner', 'what was in the buffers');
$succeeds('echo "plain"; return ob_get_level();', 0, 'no buffer is left');
check($worker->output('stdout') === 'plain', 'what was written without one');
$fails('ob_start(function () { throw new DomainException("in a callback"); }); echo "x"; return 1;', 'DomainException', 'in a callback', 'a buffer that throws');
$worker->output('stdout');
$kept = $end('ob_start(null, 0, PHP_OUTPUT_HANDLER_STDFLAGS ^ PHP_OUTPUT_HANDLER_REMOVABLE); echo "held"; return 1;');
check($kept['type'] === 'result' && $kept['last'] === true, 'a buffer that cannot be ended ends the worker');
check($worker->output('stdout') === 'held' && $worker->ends(), 'and what was in it belongs to the run');

// Changes that a run makes to its process are undone for the next one.
$worker = $newWorker();
$state = 'return [error_reporting(), getcwd(), umask(), date_default_timezone_get(), ini_get("memory_limit"), ini_get("precision"),'
    . ' ini_get("max_execution_time"), getenv("COLOUR"), getenv("SHAPE"), setlocale(LC_ALL, "0"), pcntl_signal_get_handler(SIGUSR1),'
    . ' (string)hex2bin("odd")];';
$before = $fails($state, 'ErrorException', 'hex2bin', 'a warning');
$state = str_replace(', (string)hex2bin("odd")', '', $state);
$before = $end($state)['Results'];
check($before[1] === '/usr' && $before[7] === 'blue' && $before[8] === false, 'the state before: ' . json_encode($before));
$succeeds('set_error_handler(function () { return true; }); set_error_handler(null); set_exception_handler(function () {});'
    . ' error_reporting(0); chdir("/tmp"); umask(0); date_default_timezone_set("Asia/Tokyo"); ini_set("memory_limit", "70M");'
    . ' ini_set("precision", "3"); putenv("COLOUR=red"); putenv("SHAPE=round"); set_time_limit(1); pcntl_alarm(1);'
    . ' setlocale(LC_ALL, "POSIX"); pcntl_signal(SIGUSR1, function () {}); return null;', null, 'a run that changes all');
check($end($state)['Results'] === $before, 'the next one finds it as before');
$fails('return hex2bin("odd");', 'ErrorException', 'hex2bin', 'warnings are errors again');
$succeeds('restore_error_handler(); return null;', null, 'a run that takes our handler away');
$fails('return hex2bin("odd");', 'ErrorException', 'hex2bin', 'warnings are errors after that, too');
$succeeds('for ($end = microtime(true) + 2.5; microtime(true) < $end;) { hash("sha256", str_repeat("x", 10000)); } return "lives";', 'lives',
    'neither the time limit nor the alarm of an earlier run');
$gone = $end('mkdir($d = "/tmp/taskqueue-php-" . getmypid()); chdir($d); rmdir($d); ini_set("open_basedir", "/tmp"); return 1;');
check($gone['type'] === 'result' && $gone['last'] === true && $worker->ends(), 'what cannot be put back ends the worker');

// A fork of the worker sends no messages and takes no orders.
$worker = $newWorker();
$fork = '$child = pcntl_fork(); if ($child === 0) { %s } pcntl_waitpid($child, $status); return [getmypid(), $status];';
foreach (['return "of the child";', 'exit(0);', '$run->setProgress(99, "of the child"); return 2;', 'eval("final class Does {}");',
    'return $run->isCancelled();', 'throw new Exception("of the child");'] as $ofChild) {
    $messages = $worker->run('Does', ['do' => sprintf($fork, $ofChild)]);
    check(count($messages) === 1 && $messages[0]['type'] === 'result', "$ofChild: " . json_encode($messages));
    check($messages[0]['Results'][0] === $worker->pid(), "$ofChild: the worker's own result");
    check($worker->isSilent(), "$ofChild: nothing besides");
}
$worker->output('stderr');
$succeeds('$GLOBALS["earlier"] = $run; $run->setProgress(10); return "first";', 'first', 'a run that is remembered');
$messages = $worker->run('Does', ['do' => 'usleep(150000); $GLOBALS["earlier"]->setProgress(90, "late"); return "second";']);
check(count($messages) === 1 && $messages[0]['Results'] === 'second', 'a run that is over says nothing more');

// The worker sends a mask before it writes further output.
$messages = $worker->run('Does', ['do' => '$run->mask(""); $run->mask("hunter2"); echo "hunter2"; return 1;']);
check(array_column($messages, 'type') === ['mask', 'result'] && $messages[0]['Value'] === 'hunter2', 'a mask: ' . json_encode($messages));
// A text that is cut ends before a masked value, since the runner cannot recognise a part of one.
foreach (['str_repeat($v . "-", 3000)', 'str_repeat("m", 16300) . $v . $v . $v . $v . $v . $v . $v . str_repeat("z", 9999)'] as $text) {
    $messages = $worker->run('Does', ['do' => '$v = "hunter2hunter3"; $run->mask($v); throw new \Exception(' . $text . ');']);
    $shown = str_replace('hunter2hunter3', '', json_encode($messages[1]));
    check($messages[1]['type'] === 'error' && strpos($shown, 'hunter') === false && strlen($messages[1]['ErrorMessage']) > 10000, 'a masked value that was cut: ' . substr($shown, -400));
}
$worker->output('stdout');
foreach (['str_repeat("x", 16385)', '"\xff"'] as $value) {
    $fails("\$run->mask($value);", 'InvalidArgumentException', 'must be UTF-8 of at most 16384 bytes', "a mask of $value");
}
$worker->output('stderr');

// Processes that a run leaves behind are killed.
$left = $end('if (($child = pcntl_fork()) === 0) { if (pcntl_fork() === 0) { sleep(300); } sleep(300); } return $child;')['Results'];
check(strpos($worker->output('stderr'), "left a process behind, which is killed: $left ") !== false, 'a child is named');
check(!posix_kill($left, 0), 'and is gone');
$succeeds('return trim((string)@file_get_contents("/proc/self/task/" . getmypid() . "/children"));', '', 'no child is left');

// Closed streams.
foreach (['STDOUT', 'STDERR'] as $stream) {
    $worker = $newWorker();
    $closed = $end("fclose($stream); echo 'into nothing'; return 'done';");
    check($closed['type'] === 'result' && $closed['Results'] === 'done' && $closed['last'] === true, "$stream closed: " . json_encode($closed));
    check($worker->ends(), "$stream closed: the worker ends");
}
$worker = $newWorker();
$said = $fails('fclose(STDERR); throw new DomainException("told nowhere else");', 'DomainException', 'nowhere else', 'thrown without STDERR');
check($said['last'] === true, 'thrown without STDERR: the worker ends');

// Results are serialized once, and garbage of a run is collected within it.
$worker = $newWorker();
$succeeds('return new Once();', 'asked once', 'an object that says itself');
$fails('$twice = new Once(); json_encode($twice); return $twice;', 'LogicException', 'asked twice', 'one that throws');
$fails('new Remains(function () { throw new DomainException("at last"); }); return 1;', 'DomainException', 'at last', 'a destructor that throws');
$said = $fails('new Remains(function () { exit(0); }); return 1;', 'exit', 'exit or die', 'a destructor that ends the process');
check($said['last'] === true && $worker->ends(), 'a destructor that ends the process: the worker ends');

// Violated protocol limits are errors of the run.
$worker = $newWorker();
$deep = '$value = 1; for ($i = 0; $i < %d; ++$i) { $value = [$value]; } return $value;';
check($end(sprintf($deep, 63))['type'] === 'result', 'Results 63 deep');
$fails(sprintf($deep, 64), 'results', 'nested deeper than 63 levels', 'Results 64 deep');
check($end('return array_fill(0, 199899, 1);')['type'] === 'result', 'the most values');
$fails('return array_fill(0, 199900, 1);', 'results', 'more than 199900 values', 'one value more');
check($end('return str_repeat(",", 1048574);')['type'] === 'result', 'a text of the most bytes');
$fails('return str_repeat("x", 1048575);', 'results', 'larger than 1048576 bytes', 'one byte more');
$fails('return array_fill(0, 100000, 1e20);', 'results', 'larger than 1048576 bytes', 'numbers that are longer on the other side');
check($end('return array_fill(0, 40000, 1e20);')['type'] === 'result', 'fewer of them');
$fails('return [NAN];', 'results', 'cannot be said in JSON: Inf and NaN', 'no number');
$fails('return "\xff";', 'results', 'cannot be said in JSON: Malformed UTF-8', 'no UTF-8');

// JSON shows no elements of what can only be iterated over.
$fails('return (function () { yield 1; })();', 'results', 'is a Generator, whose code has not run', 'a generator');
$fails('return new IteratorIterator(new ArrayIterator([1]));', 'results', 'is a IteratorIterator, whose elements JSON does not show', 'an iterator');
$fails('return ["a" => ["rows" => (function () { yield 1; })()]];', 'results', 'contains a Generator', 'a generator within');
$succeeds('return new ArrayObject(["a" => 1]);', ['a' => 1], 'an object that JSON knows');
$succeeds('return [new stdClass(), new ArrayIterator([])];', [[], []], 'empty objects');
$succeeds('return new class implements IteratorAggregate, JsonSerializable { function getIterator(): Iterator { return new ArrayIterator([]); }'
    . ' #[ReturnTypeWillChange] function jsonSerialize() { return [5]; } };', [5], 'one that says itself');

$said = $fails('throw new RuntimeException(str_repeat("ü", 2500000));', 'RuntimeException', '… in /', 'a long message');
check(strlen($said['ErrorMessage']) <= 16384 && strpos($said['ErrorMessage'], 'worker_handlers.php') !== false, 'a long message: its place');
$said = $fails('throw new TaskQueue\TaskError(str_repeat("c", 300), str_repeat("\xff", 100000));', str_repeat('c', 252) . '…', "\u{FFFD}", 'a long code');
$fails('throw new class("unnamed") extends DomainException {};', 'DomainException@anonymous', 'unnamed', 'a class without a name');
$messages = $worker->run('Does', ['do' => '$run->setProgress(5, str_repeat("ü", 2500000)); return 1;']);
check($messages[0]['ProgressNote'] === str_repeat('ü', 508) . '…' && $messages[1]['type'] === 'result', 'a long note');
check($end('return "still here";')['Results'] === 'still here', 'the worker is the same');
echo "ok\n";
