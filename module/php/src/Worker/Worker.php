<?php

namespace TaskQueue\Worker;

use TaskQueue\GiveUp;
use TaskQueue\RetryAfter;
use TaskQueue\Snooze;
use TaskQueue\TaskError;

/** Loads the site once, announces its handlers, and does one run after the other. */
final class Worker
{
    private const EXIT_USAGE = 64;
    private const EXIT_BROKEN = 70;
    private const RESULTS_BYTES = 1048576;
    private const FATAL = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;
    private const WARNINGS = E_WARNING | E_USER_WARNING | E_USER_ERROR | E_RECOVERABLE_ERROR;

    /** @var Options */
    private $options;
    /** @var Control */
    private $control;
    /** @var HandlerList|null */
    private $handlers;
    /** @var HostedRun|null */
    private $run;
    /** @var string|null given back when memory is exhausted, so that there is room to say so */
    private $reserve;
    /** @var int */
    private $runs = 0;
    /** @var float */
    private $startedAt;

    public static function main(array $arguments): int
    {
        try {
            $options = Options::fromArguments($arguments);
            $worker = new self($options, new Control());
        } catch (\InvalidArgumentException $error) {
            fwrite(STDERR, 'worker.php: ' . $error->getMessage() . "\n");
            return self::EXIT_USAGE;
        } catch (\RuntimeException $error) {
            fwrite(STDERR, 'worker.php: ' . $error->getMessage() . "\n");
            return self::EXIT_BROKEN;
        }
        return $worker->work();
    }

    private function __construct(Options $options, Control $control)
    {
        $this->options = $options;
        $this->control = $control;
        $this->startedAt = microtime(true);
    }

    private function work(): int
    {
        ini_set('display_errors', 'stderr');
        ini_set('html_errors', '0');
        set_time_limit(0);
        try {
            $this->handlers = new HandlerList(self::load($this->options->bootstrap));
        } catch (\Throwable $error) {
            fwrite(STDERR, $this->options->bootstrap . ': ' . self::describe($error) . "\n");
            return self::EXIT_BROKEN;
        }
        set_error_handler([$this, 'onError']);
        register_shutdown_function([$this, 'onShutdown']);
        $this->control->send(['type' => 'handlers', 'handlers' => $this->handlers->declarations()]);
        while (($order = $this->control->receive()) !== null) {
            if (($order['type'] ?? '') !== 'run') {
                continue;
            }
            $last = $this->handle($order);
            if ($last) {
                break;
            }
        }
        return 0;
    }

    private static function load(string $file)
    {
        return require $file;
    }

    /** True when the worker must end after this run. */
    private function handle(array $order): bool
    {
        ++$this->runs;
        $this->reserve = str_repeat('x', 262144);
        $this->run = new HostedRun($this->control, $order['TaskRun'], $order['TaskQueue']);
        $before = self::cpuTimes();
        $buffers = ob_get_level();
        $outcome = $this->outcomeOf($this->run);
        while (ob_get_level() > $buffers) {
            ob_end_flush();
        }
        $this->run->sendProgress();
        $this->run = null;
        gc_collect_cycles();
        $last = $this->mustEnd();
        $this->finish($outcome + self::useSince($before), $last);
        return $last;
    }

    private function outcomeOf(HostedRun $run): array
    {
        try {
            if (!$this->handlers->has($run->getTaskHandlerClass())) {
                throw new GiveUp('unknown_handler', 'No such handler here.');
            }
            $returned = $this->handlers->make($run->getTaskHandlerClass())->handleTaskRun($run);
            $results = $returned ?? $run->getResults();
            $message = ['type' => 'result'];
            if ($results !== null) {
                self::checkResults($results);
                $message['Results'] = $results;
            }
            return $message;
        } catch (Snooze $snooze) {
            return ['type' => 'snooze', 'Seconds' => $snooze->getSeconds()];
        } catch (\Throwable $error) {
            fwrite(STDERR, self::describe($error) . "\n" . $error->getTraceAsString() . "\n");
            return self::outcomeOfError($error);
        }
    }

    private static function outcomeOfError(\Throwable $error): array
    {
        $message = ['type' => 'error', 'ErrorCode' => get_class($error), 'ErrorMessage' => self::place($error)];
        if ($error instanceof TaskError) {
            $message['ErrorCode'] = $error->getErrorCode();
            $message['ErrorMessage'] = $error->getMessage();
        }
        if ($error instanceof GiveUp) {
            $message['type'] = 'give_up';
        } elseif ($error instanceof RetryAfter) {
            $message['type'] = 'retry_after';
            $message['Seconds'] = $error->getSeconds();
        }
        return $message;
    }

    private static function checkResults($results): void
    {
        $json = json_encode($results);
        if ($json === false) {
            throw new TaskError('results', 'The results cannot be said in JSON: ' . json_last_error_msg() . '.');
        }
        if (strlen($json) > self::RESULTS_BYTES) {
            throw new TaskError('results', 'The results are larger than 1 MiB.');
        }
    }

    private function finish(array $outcome, bool $last): void
    {
        if ($last) {
            $outcome['last'] = true;
        }
        fflush(STDOUT);
        fflush(STDERR);
        $this->control->send($outcome);
    }

    private function mustEnd(): bool
    {
        return $this->runs >= $this->options->recycleRuns
            || microtime(true) - $this->startedAt >= $this->options->recycleSeconds
            || memory_get_usage(true) >= $this->options->recycleMegabytes * 1048576;
    }

    /** Warnings end the run; what is less than that is kept with its error output. */
    public function onError(int $level, string $message, string $file, int $line): bool
    {
        if ((error_reporting() & $level) === 0) {
            return true;  // silenced with @, or by the site's settings
        }
        if ($this->run !== null && $this->options->warningsAreErrors && ($level & self::WARNINGS) !== 0) {
            throw new \ErrorException($message, 0, $level, $file, $line);
        }
        fwrite(STDERR, "PHP: $message in $file:$line\n");
        return true;
    }

    /** A run is still in hand when PHP ends: by a fatal error, or because the handler has called exit. */
    public function onShutdown(): void
    {
        $this->reserve = null;
        if ($this->run === null) {
            return;
        }
        $error = error_get_last();
        $fatal = $error !== null && ($error['type'] & self::FATAL) !== 0;
        while (ob_get_level() > 0 && ob_end_flush()) {
        }
        $this->run->sendProgress();
        $this->finish(
            [
                'type' => 'error',
                'ErrorCode' => $fatal ? 'fatal_error' : 'exit',
                'ErrorMessage' => $fatal
                    ? strtok($error['message'], "\n") . ' in ' . $error['file'] . ':' . $error['line']
                    : 'The handler ended the process: it called exit or die.',
            ],
            true
        );
    }

    private static function describe(\Throwable $error): string
    {
        return get_class($error) . ': ' . self::place($error);
    }

    private static function place(\Throwable $error): string
    {
        return $error->getMessage() . ' in ' . $error->getFile() . ':' . $error->getLine();
    }

    /** User and system CPU time so far, in milliseconds. */
    private static function cpuTimes(): array
    {
        $use = getrusage();
        return [
            'UserCpuMs' => $use['ru_utime.tv_sec'] * 1000 + intdiv($use['ru_utime.tv_usec'], 1000),
            'SystemCpuMs' => $use['ru_stime.tv_sec'] * 1000 + intdiv($use['ru_stime.tv_usec'], 1000),
        ];
    }

    private static function useSince(array $before): array
    {
        $now = self::cpuTimes();
        return [
            'UserCpuMs' => $now['UserCpuMs'] - $before['UserCpuMs'],
            'SystemCpuMs' => $now['SystemCpuMs'] - $before['SystemCpuMs'],
            'MaxRssKb' => getrusage()['ru_maxrss'],
        ];
    }
}
