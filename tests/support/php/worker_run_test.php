<?php
// What a handler and a site can do around runs: php worker_run_test.php. Prints "ok" and exits with 0, or names the first
// failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';

use TaskQueue\Settings;

$file = tempnam(sys_get_temp_dir(), 'taskqueue-php-');
register_shutdown_function('unlink', $file);
$load = static function (string $code, array $options = []) use ($file): HostedWorker {
    file_put_contents($file, '<?php require_once ' . var_export(__DIR__ . '/worker_handlers.php', true) . ';
        use TaskQueue\{IDeclaredTaskHandler, IFailedTaskHandler, ITaskHandler, Settings, TaskRun}; use TaskQueue\Worker\Worker;
        while (ob_get_level() > 0) ob_end_clean();
        final class Fails implements IFailedTaskHandler {
            public function handleTaskRun(TaskRun $run) { return eval($run->getTaskData()["do"]); }
            public function failed(TaskRun $run, Throwable $error): void {
                echo "failed ", get_class($error), " ", $error->getMessage(), ";";
                eval($run->getTaskData()["failed"] ?? "");
            }
        } ' . $code);
    return new HostedWorker($file, $options);
};
$refuses = static function (callable $action, string $part): void {
    try {
        $action();
    } catch (InvalidArgumentException $error) {
        check(strpos($error->getMessage(), $part) !== false, "'{$error->getMessage()}' speaks of $part");
        return;
    }
    check(false, "refused for $part");
};

// Settings are typed, never change, and name what is wrong.
$settings = Settings::tries(3)->backoff(10, 60, 300)->timeLimit(120)->uniqueFor(3600)->maxRunning(2);
check($settings->toArray() === ['MaxRetries' => 3, 'RetryDelays' => [10, 60, 300], 'TimeLimitSeconds' => 120, 'UniqueSeconds' => 3600,
    'MaxRunning' => 2], json_encode($settings->toArray()));
$other = $settings->onQueue('imports')->priority(2)->maxRunningPerKey(1)->failOnCrash()->dataSchema(['type' => 'object']);
check(count($settings->toArray()) === 5 && count($other->toArray()) === 10, 'settings never change');
check(Settings::defaults()->doublingBackoff(5, 60)->toArray() === ['RetryDelaySeconds' => 5, 'RetryDelayLimitSeconds' => 60], 'doubling');
$refuses(static function () { Settings::tries(0); }, 'tries: must be at least 1');
$refuses(static function () { Settings::tries(1001); }, 'tries: must be a whole number from 0 to 1000');
$refuses(static function () { Settings::defaults()->backoff(); }, 'backoff: must have at least one');
$refuses(static function () { Settings::defaults()->backoff(10, -1); }, 'backoff: must be a list of at most 20 numbers from 0');
$refuses(static function () { Settings::defaults()->backoff(...array_fill(0, 21, 1)); }, 'backoff: must be a list of at most 20');
$refuses(static function () { Settings::defaults()->backoff(1)->doublingBackoff(1); }, 'doublingBackoff: there is a backoff already');
$refuses(static function () { Settings::defaults()->timeLimit(-1); }, 'timeLimit: must be a number from 0');
$refuses(static function () { Settings::defaults()->onQueue('a b'); }, 'onQueue: must be 1 to 64 letters');
$refuses(static function () { Settings::defaults()->priority(10); }, 'priority: must be a whole number from 0 to 9');
$refuses(static function () { Settings::defaults()->dataSchema('{'); }, 'dataSchema: is no JSON');
$refuses(static function () { Settings::defaults()->onQueue(''); }, 'onQueue: must name a queue');
$refuses(static function () { Settings::defaults()->uniqueFor(0); }, 'uniqueFor: must be at least 1 second');
foreach ([['properties' => ['a' => ['type' => 'strng']]], ['items' => [['type' => ['string', 5]]]], ['not' => ['type' => []]]] as $misspelt) {
    $refuses(static function () use ($misspelt) { Settings::defaults()->dataSchema($misspelt); }, 'dataSchema: has the type');
}
$named = ['properties' => ['type' => ['type' => 'string']], 'enum' => [['type' => 'x']]];
check(Settings::defaults()->dataSchema($named)->toArray() === ['DataSchema' => $named], 'a member may be called type');

// Handlers that a function or a container makes have the settings of the class that their name is.
$declared = 'final class Declared implements IDeclaredTaskHandler {
        public static function getTaskHandlerSettings(): Settings { return Settings::tries(2)->backoff(7); }
        public function handleTaskRun(TaskRun $run) { return "made"; } }
    final class Container { public function has($id) { return $id === "Declared"; } public function get($id) { return new $id(); } } ';
$expected = ['TaskHandlerClass' => 'Declared', 'MaxRetries' => 2, 'RetryDelays' => [7]];
foreach (['[Declared::class]', '["Declared" => static function () { return new Declared(); }]', '["Declared" => new Container()]'] as $list) {
    $worker = $load("$declared return $list;");
    check(($worker->handlers['handlers'][0] ?? null) === $expected, "$list: " . json_encode($worker->handlers));
    check($worker->endOf('Declared')['Results'] === 'made', "$list: a run");
}
$worker = $load("$declared return ['Other' => new Container()];");
check(strpos($worker->handlers['Problem'] ?? '', 'the container has no Other') !== false, 'not in the container: ' . json_encode($worker->handlers));
$worker = $load("return ['Other' => new ArrayObject()];");
check(strpos($worker->handlers['Problem'] ?? '', 'ArrayObject is neither a function nor a container') !== false, json_encode($worker->handlers));

// failed() is called once, when the task is given up.
$worker = $load('return [Fails::class, Does::class];');
$do = static function (string $code, array $data = []) use (&$worker): array {
    return $worker->endOf('Fails', ['do' => $code] + $data);
};
$worker->task = ['MaxRetries' => 2, 'TaskRunsFailed' => 0];
check($do('throw new DomainException("first");')['type'] === 'error' && $worker->output('stdout') === '', 'another attempt is left');
check($do('return [$run->getAttempt(), $run->getMaxAttempts(), $run->isLastAttempt()];')['Results'] === [1, 2, false], 'the attempts');
check($do('throw new TaskQueue\GiveUp("no", "never");')['type'] === 'give_up', 'given up');
check($worker->output('stdout') === 'failed TaskQueue\GiveUp never;', 'GiveUp is told');
check($do('throw new TaskQueue\Snooze(3);')['type'] === 'snooze' && $worker->output('stdout') === '', 'a snooze is no failure');
$worker->task = ['MaxRetries' => 2, 'TaskRunsFailed' => 1];
check($do('return [$run->getMaxAttempts(), $run->isLastAttempt()];')['Results'] === [1, true], 'the last attempt');
check($worker->output('stdout') === '', 'a success is no failure');
check($do('throw new DomainException("second");')['ErrorCode'] === 'DomainException', 'the error stays');
check($worker->output('stdout') === 'failed DomainException second;', 'the last attempt is told');
check($do('throw new TaskQueue\RetryAfter("busy", "later", 9);')['type'] === 'retry_after', 'a wait that has no further attempt');
check($worker->output('stdout') === 'failed TaskQueue\RetryAfter later;', 'is told as well');
check($do('return (function () { yield 1; })();')['ErrorCode'] === 'results' && strpos($worker->output('stdout'), 'failed TaskQueue\TaskError') === 0, 'Results that are no JSON are told');
$worker->output('stderr');
$said = $do('throw new DomainException("mine");', ['failed' => 'throw new LogicException("of failed()");']);
check($said['ErrorCode'] === 'DomainException' && strpos($worker->output('stderr'), 'failed() of Fails has thrown LogicException') !== false,
    'an exception of failed(): ' . json_encode($said));
$worker->output('stdout');
foreach (['cancel' => '', 'shutdown' => '', 'time_limit' => 'failed TaskQueue\Stopped ;'] as $reason => $output) {
    $worker->start('Fails', ['do' => '$run->setProgress(1); while (true) { $run->stopIfAsked(); usleep(1000); }']);
    $worker->receive();
    $worker->say(['type' => 'cancel', 'reason' => $reason]);
    check($worker->receive()['type'] === 'error' && $worker->output('stdout') === $output, "a stop by $reason");
}
foreach (['exit(3);' => 'exit', 'str_repeat("x", 1 << 30);' => 'fatal_error'] as $code => $errorCode) {
    $worker = $load('return [Fails::class];');
    $worker->task = ['MaxRetries' => 1, 'TaskRunsFailed' => 0];
    $said = $do($code);
    check($said['ErrorCode'] === $errorCode && strpos($worker->output('stdout'), 'failed TaskQueue\TaskError ') === 0, "$code: " . json_encode($said));
}
foreach ([[], ['--fork']] as $options) {
    foreach (['exit(0);', 'str_repeat("x", 1 << 30);'] as $failed) {
        $worker = $load('return [Fails::class];', $options);
        $worker->task = ['MaxRetries' => 5, 'TaskRunsFailed' => 0];
        $said = $do('throw new TaskQueue\GiveUp("no", "never");', ['failed' => $failed]);
        check($said['type'] === 'give_up' && $said['ErrorCode'] === 'no', "failed() that ends PHP by $failed: " . json_encode($said));
        check($worker->output('stdout') === 'failed TaskQueue\GiveUp never;', "failed() that ends PHP by $failed is called once");
    }
}
$worker = $load('return [Fails::class];', ['--fork']);
$worker->task = ['MaxRetries' => 1, 'TaskRunsFailed' => 0];
check($do('exit(3);')['ErrorCode'] === 'exit' && strpos($worker->output('stdout'), 'failed TaskQueue\TaskError ') === 0, 'exit in a fork');

// Middleware is called in the order of its registration, for all handlers or for some.
$middleware = '$log = static function (string $name) { return static function (TaskRun $run, callable $next) use ($name) {
        echo "$name("; try { return [$name, $next($run)]; } finally { echo ")"; } }; };
    Worker::middleware($log("a")); Worker::middleware($log("fails"), "Fails"); Worker::middleware($log("b"), "Does", "Fails");
    Worker::beforeRun(function () { echo "before "; }); Worker::afterRun(function () { echo " after"; }); return [Fails::class, Does::class];';
$worker = $load($middleware);
check($worker->endOf('Does', ['do' => 'return 1;'])['Results'] === ['a', ['b', 1]], 'what middleware returns');
check($worker->output('stdout') === 'before a(b()) after', 'the order');
check($worker->endOf('Fails', ['do' => 'return 1;'])['Results'] === ['a', ['fails', ['b', 1]]], 'middleware of one handler');
check($worker->endOf('Does', ['do' => 'throw new DomainException("x");'])['ErrorCode'] === 'DomainException', 'an exception goes through it');
$worker = $load('Worker::middleware(static function () { return "skipped"; }); return [Does::class];');
check($worker->endOf('Does', ['do' => 'exit;'])['Results'] === 'skipped', 'middleware that does not call the handler');
$worker = $load('Worker::middleware(static function () {}, "Nowhere"); return [Does::class];');
check(strpos($worker->handlers['Problem'] ?? '', 'there is no handler Nowhere') !== false, json_encode($worker->handlers));
$worker = $load('return [Does::class];');
check($worker->endOf('Does', ['do' => 'TaskQueue\Worker\Worker::middleware(function () {});'])['ErrorCode'] === 'LogicException', 'middleware of a run');

// A stop that was meant for the run before does not stop this one.
$worker = $load('return [Does::class];');
foreach (['of another run' => false, null => true] as $token => $isMeant) {
    $own = $worker->start('Does', ['do' => 'usleep(200000); return $run->isCancelled();']);
    $worker->say(['type' => 'cancel', 'reason' => 'cancel', 'RunToken' => $token === '' ? $own : $token]);
    $end = $worker->receive();
    check(($end['type'] === 'error') === $isMeant, 'a stop for the run ' . $token . ': ' . json_encode($end));
}

// Events go to a dispatcher.
$worker = $load('Worker::dispatchTo(new class { public function dispatch(object $event) {
        echo (new ReflectionClass($event))->getShortName(), $event->run->getId(), isset($event->thrown) ? get_class($event->thrown) : "", " "; return $event; } });
    return [Does::class];');
$worker->endOf('Does', ['do' => 'return 1;']);
$worker->endOf('Does', ['do' => 'throw new DomainException("x");']);
check($worker->output('stdout') === 'RunStarts1 RunEnds1 RunStarts2 RunEnds2DomainException ', 'the events');
$worker = $load('Worker::dispatchTo(new ArrayObject()); return [Does::class];');
check(strpos($worker->handlers['Problem'] ?? '', 'a method dispatch()') !== false, json_encode($worker->handlers));
echo "ok\n";
