<?php
// The PHP handlers of the integration tests; each ends its run in a different way.

use TaskQueue\GiveUp;
use TaskQueue\IDeclaredTaskHandler;
use TaskQueue\ITaskHandler;
use TaskQueue\RetryAfter;
use TaskQueue\Snooze;
use TaskQueue\TaskRun;

final class PhpReport implements IDeclaredTaskHandler
{
    public static function getTaskHandlerSettings(): array
    {
        return [
            'DataSchema' => '{"type":"object","properties":{"rows":{"type":"integer","minimum":0}},"additionalProperties":false}',
            'TimeLimitSeconds' => 60,
        ];
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        ob_start();  // a site may buffer; the buffered output still belongs to the run
        $rows = $taskRun->getTaskData()['rows'] ?? 4;
        for ($row = 1; $row <= $rows; ++$row) {
            echo "row $row\n";
            fwrite(STDERR, "checked $row\n");
            $taskRun->setProgress(intdiv(100 * $row, $rows), "row $row of $rows");
        }
        return ['rows' => $rows, 'attempt' => $taskRun->getAttempt(), 'pid' => getmypid(), 'name' => 'Zürich €'];
    }
}

/** TaskData 'how' selects the end. */
final class PhpEnds implements ITaskHandler
{
    public function handleTaskRun(TaskRun $taskRun)
    {
        switch ($taskRun->getTaskData()['how']) {
            case 'exception':
                throw new DomainException('no such customer');
            case 'warning':
                return hex2bin('odd');
            case 'notice':
                trigger_error('only a notice', E_USER_NOTICE);
                return 'went on';
            case 'exit':
                echo 'half of it';
                exit(0);
            case 'fatal':
                $this->{'noSuchMethod' . ''}();
                return null;
            case 'redeclared':
                eval('final class PhpEnds {}');
                return null;
            case 'memory':
                $all = [];
                while (true) {
                    $all[] = str_repeat('x', 1 << 20);
                }
            case 'signal':
                posix_kill(getmypid(), SIGSEGV);
                sleep(10);
                return null;
            case 'retry':
                throw new RetryAfter('busy', 'The shop is closed.', 1);
            case 'give up':
                throw new GiveUp('gone', 'The customer was deleted.');
            case 'snooze':
                if (!is_file('/tmp/taskqueue-php-snoozed')) {
                    touch('/tmp/taskqueue-php-snoozed');
                    throw new Snooze(1);
                }
                unlink('/tmp/taskqueue-php-snoozed');
                return 'awake';
            case 'fork':
                $child = pcntl_fork();
                if ($child === 0) {
                    return 'of the child';
                }
                pcntl_waitpid($child, $status);
                return 'of the worker';
            case 'background':
                exec('setsid sleep 300 > /dev/null 2>&1 &');
                exec('env -i setsid sleep 301 > /dev/null 2>&1 &');
                return 'went on';
            case 'standard input':
                return [fgets(STDIN), shell_exec('cat'), shell_exec('env -i setsid cat')];
            case 'infinity':
                return ['odd' => INF];
            case 'patient':
                while (!$taskRun->isCancelled()) {
                    usleep(20000);
                }
                echo "stopped in good order\n";
                return null;
        }
    }
}

$later = __DIR__ . '/later.php';  // a file that a deployment adds
return [PhpReport::class, 'PhpEnds' => static function (): ITaskHandler {
    return new PhpEnds();
}] + (require __DIR__ . '/cms.php') + (require __DIR__ . '/template_compiler.php') + (is_file($later) ? require $later : []);
