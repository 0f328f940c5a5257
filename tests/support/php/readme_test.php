<?php
// Runs the examples of module/php/README.md that need no queue: php readme_test.php. Prints "ok" and exits with 0, or names
// the first failure.

require __DIR__ . '/checks.php';

$package = dirname(__DIR__, 3) . '/module/php';
preg_match_all('/^```php\n(.*?)^```/ms', file_get_contents("$package/README.md"), $blocks);

/** Returns the block that has this text. */
$blockWith = static function (string $text) use ($blocks): string {
    foreach ($blocks[1] as $block) {
        if (strpos($block, $text) !== false) {
            return strncmp($block, '<?php', 5) === 0 ? $block : "<?php\n$block";
        }
    }
    check(false, "the README has a block with $text");
};

$home = trim((string)shell_exec('mktemp -d /tmp/taskqueue-php-readme-XXXXXX'));
register_shutdown_function(static function () use ($home): void {
    exec('rm -rf ' . escapeshellarg($home));
});
mkdir("$home/var/program/share/taskqueue", 0777, true);
mkdir("$home/var/handlers");
symlink($package, "$home/var/program/share/taskqueue/php");
file_put_contents("$home/var/handlers/tasks.php", $blockWith('final class SendReminders'));
$autoload = "require 'var/program/share/taskqueue/php/autoload.php';\n";
chdir($home);

$test = $blockWith('RemindersTest');
file_put_contents('RemindersTest.php', $test);
exec('phpunit --no-configuration RemindersTest.php 2>&1', $lines, $status);
$output = implode("\n", $lines);
check($status === 0 && strpos($output, 'OK (3 tests, 10 assertions)') !== false, "the PHPUnit example passes: $output");

// An assertion of the fake that does not hold is a failure, not an error.
file_put_contents('RemindersTest.php', str_replace('assertAddedCount(1)', 'assertAddedCount(2)', $test));
$lines = [];
exec('phpunit --no-configuration RemindersTest.php 2>&1', $lines, $status);
$output = implode("\n", $lines);
check($status === 1 && preg_match('/2 tasks were added.*Failures: 1\./s', $output) === 1, "a failure: $output");

/** Returns what the example prints. */
$run = static function (string $code, string $before) use ($autoload): string {
    file_put_contents('example.php', "<?php\n$autoload$before" . substr($code, strlen('<?php')));
    return (string)shell_exec('php -d display_errors=1 example.php 2>&1');
};
$code = $blockWith('TaskQueue::inline(');
$printed = $run($code, '');
check(strpos($printed, 'error 50 % there is no customer nobody in ') === 0, "inline: $printed");
check(substr($printed, -strlen("\nreminded Ada\n")) === "\nreminded Ada\n", "inline: the output: $printed");

$fake = "\$queue = TaskQueue\\TaskQueue::fake(); \$file = 'a.csv';\n";
$printed = $run($blockWith('$error->getMessage();  //'), $fake);
check($printed === 'The Priority is 12. It must be a whole number from 0 to 9.', "the refusal: $printed");

$code = $blockWith("->tell('ops@example.org')");
$code = str_replace("TaskQueue::overDatabase(\$pdo, 'inp_')", 'TaskQueue::fake()', $code, $replaced);
check($replaced === 1, 'the example of a task');
$printed = $run($code . 'echo json_encode($queue->find($id));', $fake);
check(strpos($printed, '"queue":"imports"') !== false && strpos($printed, '"uniqueKey":"import"') !== false, "a task: $printed");

// The other examples: they run on a queue in memory, or are parsed where they need a site.
$printed = $run(str_replace('TaskQueue::overDatabase($pdo, \'inp_\')', '$queue', $blockWith("['Title' => 'Say hello']")) . 'echo $id;',
    $fake . 'final class Site { public function beginTransaction(): void {} public function commit(): void {} } $pdo = new Site();');
check($printed === '1', "the first example: $printed");

$import = $blockWith('final class ImportCsv');
$failed = $blockWith('public function failed(');
$told = str_replace(['<?php', "mail('ops@example.org', "], ['', "printf('%s %s %s', 'told', "], $failed);
$asHandler = static function (string $name, string $methods): string {
    return "final class $name implements \\TaskQueue\\IFailedTaskHandler { $methods }\n";
};
$throws = 'public function handleTaskRun(\TaskQueue\TaskRun $run) { throw new \TaskQueue\GiveUp("no_file", "no file"); }';
$printed = $run("<?php\nuse TaskQueue\\{TaskQueue, TaskRun};\n" . $asHandler('Import', $throws . $told)
    . '$queue = TaskQueue::inline([Import::class]); $id = $queue->addTask("Import"); echo $queue->getOutput($id), $queue->find($id)->status;', '');
check($printed === 'told import 1 failed no fileerror', "failed(): $printed");
$printed = $run("$import\n\$queue = \\TaskQueue\\TaskQueue::fake([ImportCsv::class]); echo \$queue->addTask('ImportCsv');", '');
check($printed === '1', "ImportCsv: $printed");
// All examples of all READMEs are parsed; those of methods alone within a class.
foreach (array_merge(["$package/README.md"], glob("$package/*/README.md")) as $readme) {
    preg_match_all('/^```php\n(.*?)^```/ms', file_get_contents($readme), $examples);
    check($examples[1] !== [], "$readme has examples");
    foreach ($examples[1] as $example) {
        $isWhole = strncmp($example, '<?php', 5) === 0;
        $isMethod = preg_match('/^(public|private|protected) /', $example) === 1;
        file_put_contents('parsed.php', $isMethod ? "<?php\nfinal class Example { $example }" : ($isWhole ? '' : "<?php\n") . $example);
        $lines = [];
        exec('php -l parsed.php 2>&1', $lines, $status);
        check($status === 0, "$readme: " . implode("\n", $lines) . "\n$example");
    }
}
echo "ok\n";
