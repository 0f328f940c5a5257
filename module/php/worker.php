#!/usr/bin/env php
<?php
// Hosts PHP handlers for a task-runner. The runner starts it (section [worker.php] of the configuration) and speaks the
// protocol of runner/PROTOCOL.md with it on file descriptor 3.
//
//   php worker.php --bootstrap=FILE [--fork] [--warnings=error|log] [--recycle-runs=N] [--recycle-seconds=N]
//                  [--recycle-megabytes=N] [--watch] [--check [--json]]
//
// FILE loads the site and returns a list of handlers: class names, or TaskHandlerClass => function that makes the
// handler.

declare(strict_types=1);

require_once __DIR__ . '/autoload.php';

exit(\TaskQueue\Worker\Worker::main($argv));
