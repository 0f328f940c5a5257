<?php
// The rule for e-mail addresses, tested with the same cases as the C++ side: php addresses_test.php. Prints "ok" and exits
// with 0, or names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';

use TaskQueue\FakeTransport;
use TaskQueue\TaskQueue;

$queue = new TaskQueue(new FakeTransport());
$cases = 0;
foreach (file(dirname(__DIR__) . '/mail_addresses.txt', FILE_IGNORE_NEW_LINES) as $line) {
    if (preg_match('/^(yes|no) (.*)$/D', $line, $case) !== 1) {
        continue;
    }
    $add = static function () use ($queue, $case): void {
        $queue->addTask('Noop', [], null, null, ['NotifyOn' => 'both', 'NotifyTo' => $case[2]]);
    };
    if ($case[1] === 'yes') {
        $add();
    } else {
        refused($add, 'NotifyTo');
    }
    ++$cases;
}
check($cases > 30, 'there are cases');
echo "ok\n";
