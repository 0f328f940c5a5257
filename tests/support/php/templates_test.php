<?php
// TemplateCompile in a real PHP worker: php templates_test.php. Prints "ok" and exits with 0, or names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';

use TaskQueue\TemplateCompile;

$directory = sys_get_temp_dir() . '/taskqueue-templates-' . getmypid();
$write = static function (array $files) use ($directory): void {
    foreach ($files as $name => $text) {
        @mkdir(dirname("$directory/$name"), 0777, true);
        file_put_contents("$directory/$name", $text);
    }
};
register_shutdown_function(static function () use ($directory): void {
    exec('rm -rf ' . escapeshellarg($directory));
});

// Two of the five fixture templates are broken.
$worker = new HostedWorker(__DIR__ . '/template_compiler.php');
check($worker->handlers['handlers'][0]['TaskHandlerClass'] === 'TemplateCompile', 'it is announced');
check($worker->handlers['handlers'][0]['MaxRetries'] === 1, 'and not tried again');
$messages = $worker->run('TemplateCompile');
$end = end($messages);
check($end['type'] === 'give_up' && $end['ErrorCode'] === 'templates', 'broken templates: ' . json_encode($end));
$expected = [
    ['File' => 'mail/order.tpl', 'Line' => 3, 'Message' => 'the tag m_phrase is not closed'],
    ['File' => 'product.tpl', 'Line' => 2, 'Message' => 'the block m_if has no end'],
];
check($end['Results'] === ['Files' => 5, 'Compiled' => 3, 'Errors' => $expected, 'ErrorsLeftOut' => 0], json_encode($end['Results']));
check($end['ErrorMessage'] === "2 of 5 templates are broken:\nmail/order.tpl:3: the tag m_phrase is not closed\n"
    . 'product.tpl:2: the block m_if has no end', $end['ErrorMessage']);
$errors = $worker->output('stderr');
check(strpos($errors, "mail/order.tpl:3: the tag m_phrase is not closed\nproduct.tpl:2: ") === 0, "the error output: $errors");
check($worker->output('stdout') === "3 of 5 templates compiled\n", 'what it says');
$progress = array_values(array_filter($messages, static function (array $message): bool {
    return $message['type'] === 'progress';
}));
check($progress[0]['PercentsCompleted'] === 0 && $progress[0]['ProgressNote'] === 'index.tpl', 'the first progress is the first file');
check(end($progress)['PercentsCompleted'] === 100 && end($progress)['ProgressNote'] === '3 of 5', 'the last one says all');

$end = $worker->endOf('TemplateCompile', ['Files' => ['index.tpl', 'mail/hello.tpl']]);
check($end['type'] === 'result' && $end['Results']['Compiled'] === 2, 'named files: ' . json_encode($end));
$end = $worker->endOf('TemplateCompile', ['Below' => 'mail']);
check($end['Results']['Files'] === 2 && $end['Results']['Compiled'] === 1, 'one directory');
foreach (['../handlers.php', '/etc/passwd', 'none.tpl', "a\0b", 'mail', 'mail/../../checks.php'] as $outside) {
    $end = $worker->endOf('TemplateCompile', ['Files' => [$outside, 'index.tpl']]);
    check($end['ErrorCode'] === 'templates' && $end['Results']['Compiled'] === 1, 'what is outside is not compiled, others are: ' . json_encode($end));
    check(strpos($end['Results']['Errors'][0]['Message'], 'no such file') !== false, "and says so: $outside");
}
foreach (['..', 'none', '../php'] as $outside) {
    $end = $worker->endOf('TemplateCompile', ['Below' => $outside]);
    check($end['type'] === 'give_up' && $end['ErrorCode'] === 'directory', "a directory that is none: $outside");
}

// Other faults, odd names, and files that are not templates.
$write([
    'a b&<c>.tpl' => 'fine',
    "odd-\xff.tpl" => "\xff<inp2:x",
    'warning.tpl' => 'fine but for its compiler',
    'notes.txt' => '<inp2:x',
    '.svn/old.tpl' => '<inp2:x',
]);
symlink('/etc', "$directory/link");
$bootstrap = $directory . '/bootstrap.php';
$own = static function (string $body, string $options = '[]') use ($bootstrap, $directory): HostedWorker {
    file_put_contents($bootstrap, '<?php return TaskQueue\TemplateCompile::compileBy(static function (string $file) { ' . $body . ' }, '
        . var_export($directory, true) . ", $options);");
    return new HostedWorker($bootstrap);
};
$worker = $own('if (basename($file) === "warning.tpl") { return hex2bin("odd"); } if (strpos($file, "odd-")) { return [new TaskQueue\TemplateError("bad \xff"),'
    . ' new TaskQueue\TemplateError("worse", 7)]; } return strpos($file, "a b") ? false : null;');
$end = $worker->endOf('TemplateCompile');
check($end['Results']['Files'] === 3 && $end['Results']['Compiled'] === 0, 'three templates: ' . json_encode($end));
[$first, $second, $third, $fourth] = $end['Results']['Errors'];
check($first['File'] === 'a b&<c>.tpl' && $first['Line'] === null, 'refused by false');
check($second['File'] === "odd-\u{FFFD}.tpl" && $second['Message'] === "bad \u{FFFD}", 'no UTF-8 is told as far as it goes');
check($third['Line'] === 7, 'a list of errors');
check($fourth['Line'] === null && strpos($fourth['Message'], 'ErrorException: hex2bin') === 0 && strpos($fourth['Message'], 'bootstrap.php:1'), 'a warning of the compiler has its own place');

$worker = $own('throw new LogicException("outer", 0, new class($file) extends Exception { public function __construct($file) { parent::__construct("inner"); $this->file = $file; $this->line = 9; } });');
$end = $worker->endOf('TemplateCompile', ['Files' => ['warning.tpl']]);
check($end['Results']['Errors'] === [['File' => 'warning.tpl', 'Line' => 9, 'Message' => 'inner']], 'an exception whose file is the template: ' . json_encode($end));

// Many errors stay within the output limit of a run.
$many = [];
for ($i = 0; $i < 1500; ++$i) {
    $many[sprintf('many/%04d.tpl', $i)] = '';
}
$write($many);
$worker = $own('throw new TaskQueue\TemplateError(str_repeat("x", 5000), 1);', '["ResultsBytes" => 100000]');
$end = $worker->endOf('TemplateCompile', ['Below' => 'many']);
check(count($end['Results']['Errors']) + $end['Results']['ErrorsLeftOut'] === 1500, 'every error is listed or counted');
check(strlen(json_encode($end['Results'])) < 101000 && count($end['Results']['Errors']) > 50, 'within the limit');
check(strlen($end['ErrorMessage']) < 16384 && strpos($end['ErrorMessage'], 'more, see the error output'), 'the message, too');
check(substr_count($worker->output('stderr'), 'many/') >= 1500, 'the error output has all');
$worker = $own('', '["MostFiles" => 1000]');
check($worker->endOf('TemplateCompile')['ErrorCode'] === 'files', 'too many files are refused');
$worker = $own('', '["Extensions" => ["none"]]');
check($worker->endOf('TemplateCompile')['ErrorCode'] === 'no_templates', 'none at all');

// A cancel is noticed between two files, and the finished files are reported.
$worker = $own('usleep(20000);');
$worker->start('TemplateCompile', ['Below' => 'many']);
$worker->receive();
$worker->say(['type' => 'cancel']);
$asked = microtime(true);
do {
    $end = $worker->receive();
} while ($end['type'] === 'progress');
check($end['type'] === 'error' && $end['ErrorCode'] === 'cancelled' && microtime(true) - $asked < 1, 'it stops soon: ' . json_encode($end));
check($end['Results']['Compiled'] > 0 && $end['Results']['Compiled'] < 1500, 'and tells how far it came');

foreach ([[['Nope' => 1], 'no such option: Nope'], [[], 'absolute path']] as [$options, $part]) {
    try {
        TemplateCompile::compileBy(static function (): void {
        }, $options === [] ? 'relative' : $directory, $options);
        check(false, "refused: $part");
    } catch (InvalidArgumentException $error) {
        check(strpos($error->getMessage(), $part) !== false, $error->getMessage());
    }
}
echo "ok\n";
