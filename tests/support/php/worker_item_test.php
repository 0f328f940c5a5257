<?php
// A run as an item of the CMS, and the run's logger: php worker_item_test.php. Prints "ok" and exits with 0, or names the
// first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';

$file = tempnam(sys_get_temp_dir(), 'taskqueue-php-');
register_shutdown_function('unlink', $file);
$load = static function (string $code) use ($file): HostedWorker {
    file_put_contents($file, "<?php $code");
    return new HostedWorker($file);
};

// The CMS's class is found by its autoloader. Its own methods would need the CMS's application.
$cms = 'spl_autoload_register(function ($class) { if ($class === "kDBItem") { eval(\'
    class kDBItem {
        public $Application;
        protected $FieldValues = [];
        public function __construct() { throw new LogicException("the application is not there"); }
        public function GetID() { return 0; }
        public function isLoaded() { return false; }
        public function HasField($name) { return false; }
        public function GetDBField($name) { return null; }
        public function GetField($name, $format = null) { return null; }
        public function GetFieldValues() { return $this->FieldValues; }
        public function GetOriginalField($field_name, $formatted = false, $format = null) { return null; }
        public function SetDBField($name, $value) { $this->FieldValues[$name] = $value; }
        public function SetField($name, $value) {}
        public function SetDBFieldsFromHash($hash, $set_fields = Array(), $skip_fields = Array()) {}
        public function Load($id, $id_field_name = null, $cachable = false) { return false; }
        public function Create($force_id = false, $system_create = false) { return false; }
        public function Update($id = null, $system_update = false) { return false; }
        public function Delete($id = null) { return false; }
    }\'); } }); ';
$handlers = 'class OfDesign implements TaskQueue\ITaskHandler { public function handleTaskRun(kDBItem $task_run) { return eval($task_run->GetDBField("TaskData")
        === "{}" ? "return 0;" : json_decode($task_run->GetDBField("TaskData"))->do); } }
    class OfToday implements TaskQueue\IFailedTaskHandler { public function handleTaskRun(TaskQueue\TaskRun $run) { return $run instanceof kDBItem; }
        public function failed(TaskQueue\TaskRun $run, Throwable $error): void {} }
    return [OfDesign::class, OfToday::class];';
$worker = $load($cms . $handlers);
check($worker->handlers['type'] === 'handlers', 'the signature of the design: ' . json_encode($worker->handlers));
$worker->task = ['Title' => 'A title', 'MaxRetries' => 3, 'TaskRunsFailed' => 1, 'ScheduledOn' => 1700000000];
$do = static function (string $code) use (&$worker): array {
    return $worker->run('OfDesign', ['do' => $code]);
};
check($worker->endOf('OfToday')['Results'] === true, 'a run is a kDBItem');
check($do('return [$task_run->GetID(), $task_run->GetDBField("Id"), $task_run->GetDBField("TaskQueueId"), $task_run->GetField("Title"),
    $task_run->GetDBField("ScheduledOn"), $task_run->GetDBField("Status"), $task_run->isLoaded(), $task_run->HasField("Color")];')[0]['Results']
    === [2, 2, 2, 'A title', 1700000000, 'running', true, false], 'the columns of the run and of its task');
check($do('return count($task_run->GetFieldValues()) > 10;')[0]['Results'] === true, 'all columns');
check($worker->endOf('OfDesign')['Results'] === 0, 'TaskData without members');
$said = $do('return $task_run->GetDBField("Colour");');
check($said[0]['ErrorCode'] === 'OutOfBoundsException' && strpos($said[0]['ErrorMessage'], 'no column Colour here; it has ') !== false, json_encode($said));
$said = $do('$task_run->SetDBField("PercentsCompleted", 42); $task_run->SetDBField("Results", json_encode(["rows" => 3])); $task_run->Update();
    return $task_run->GetDBField("PercentsCompleted") === 42 ? null : "other";');
check($said[0]['PercentsCompleted'] === 42 && $said[1]['type'] === 'result' && $said[1]['Results'] === ['rows' => 3], 'Update(): ' . json_encode($said));
$said = $do('$task_run->SetDBField("PercentsCompleted", 42); return 1;');
check(count($said) === 1, 'nothing is reported before Update()');
$said = $do('$task_run->SetDBFieldsFromHash(["ErrorCode" => "no_stock", "ErrorMessage" => "Nothing is left."]); $task_run->Update(); return 1;');
check($said[0]['type'] === 'error' && $said[0]['ErrorCode'] === 'no_stock' && $said[0]['ErrorMessage'] === 'Nothing is left.', json_encode($said));
foreach (['$task_run->SetDBField("Status", "success");' => 'The queue alone writes Status', '$task_run->Delete();' => 'Delete() does not work',
    '$task_run->Load(5);' => 'Load() does not work', '$task_run->Create();' => 'Create() does not work',
    '$task_run->SetDBField("Results", "{");' => 'Results must be JSON'] as $code => $part) {
    $said = $do($code);
    check($said[0]['type'] === 'error' && strpos($said[0]['ErrorMessage'], $part) !== false, "$code: " . json_encode($said));
}

// Without a CMS a run is no item of one, and answers all the same.
$worker = $load('class Does implements TaskQueue\ITaskHandler { public function handleTaskRun(TaskQueue\TaskRun $run) { return eval($run->getTaskData()["do"]); } }
    return [Does::class];');
check($worker->endOf('Does', ['do' => 'return [$run->GetDBField("TaskQueueId"), $run instanceof kDBItem];'])['Results'] === [1, false], 'without a CMS');

// The logger writes levels and context to the error output.
$log = static function (string $code) use (&$worker): string {
    $worker->output('stderr');
    $said = $worker->endOf('Does', ['do' => '$log = $run->logger(); ' . $code]);
    return $said['type'] === 'result' ? $worker->output('stderr') : "{$said['ErrorCode']}: {$said['ErrorMessage']}";
};
check($log('$log->info("read {rows} rows of {file}", ["rows" => 3, "file" => "a.csv", "took" => 0.5, "in" => ["x" => [1]]]);')
    === "[info] read 3 rows of a.csv {\"took\":0.5,\"in\":{\"x\":[1]}}\n", 'a line');
foreach (['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as $level) {
    check($log("\$log->$level('x'); \$log->log('$level', 'y');") === "[$level] x\n[$level] y\n", "the level $level");
}
check($log('$log->warning("one\n[error] two");') === "[warning] one\n    [error] two\n", 'a further line is no message of its own');
check($log('$log->error("", ["a" => new DateTime("@0"), "b" => new ArrayObject(), "c" => "\xff", "d" => NAN, "e" => null]);')
    === "[error]  {\"a\":\"1970-01-01T00:00:00+00:00\",\"b\":\"[ArrayObject]\",\"c\":\"\u{FFFD}\",\"d\":0,\"e\":null}\n", 'values that JSON does not have');
$text = $log('$log->error("no", ["exception" => new DomainException("why")]);');
check(strpos($text, "[error] no\n    DomainException: why in ") === 0 && substr_count($text, "\n    #") > 1, "an exception with its trace: $text");
check($log('$log->warning("one\r[error] two\r\n[error] three");') === "[warning] one\n    [error] two\n    [error] three\n", 'nor behind a carriage return');
$throws = 'new class implements JsonSerializable { public function __toString(): string { throw new DomainException(); }
    public function jsonSerialize(): array { throw new DomainException(); } }';
foreach (['$log->info("of {it}", ["it" => $it]);', '$log->info("of", ["it" => $it]);', '$log->info("of", ["it" => [$it]]);', '$log->info($it);'] as $code) {
    $text = $log("\$it = $throws; $code");
    check(strpos($text, '[info] ') === 0 && strpos($text, 'has thrown DomainException]') !== false, "what throws in a context: $code: $text");
}
check($log('$log->info(["no text"]);') === "[info] [array]\n", 'a message that is an array');
check(strlen($log('$a = []; for ($i = 0; $i < 100; ++$i) { $a[] = &$a; } $log->info("wide", $a);')) < 20000, 'an array that contains itself often');
check(strlen($log('$log->info("long", range(1, 500000));')) < 20000, 'a long array');
check($log('$a = []; $a["a"] = &$a; $log->info("deep", $a);') !== '', 'an array that contains itself');
check(strpos($log('$log->log("loud", "x");'), "InvalidArgumentException: A level must be one of emergency, alert, critical, error, warning, notice, info, "
    . "debug, not 'loud'.") === 0, 'an unknown level');

// With psr/log, in each version of its signatures, it is a logger of PSR-3.
foreach (['$message, array $context = array()', 'string|\Stringable $message, array $context = []'] as $parameters) {
    foreach (strpos($parameters, '|') === false ? [''] : ['', ': void'] as $returns) {
        $methods = "public function log(\$level, $parameters)$returns; ";
        foreach (['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as $level) {
            $methods .= "public function $level($parameters)$returns; ";
        }
        if (PHP_VERSION_ID < 80000 && strpos($parameters, '|') !== false) {
            continue;
        }
        $worker = $load("namespace Psr\\Log; interface LoggerInterface { $methods } class InvalidArgumentException extends \\InvalidArgumentException {}
            final class Does implements \\TaskQueue\\ITaskHandler { public function handleTaskRun(\\TaskQueue\\TaskRun \$run) { return eval(\$run->getTaskData()['do']); } }
            return ['Does' => static function () { return new Does(); }];");
        check($log('if ($log instanceof \Psr\Log\LoggerInterface) { $log->info("psr"); }') === "[info] psr\n", "psr/log with $methods");
        check(strpos($log('$log->log("loud", "x");'), 'Psr\Log\InvalidArgumentException: A level must be') === 0, 'its exception');
    }
}
echo "ok\n";
