<?php

namespace TaskQueue\Worker;

/**
 * A run in a fork of the worker. Only the worker talks to the runner. It forwards the fork's messages from a
 * separate socket, and reports the end of the run when the fork has ended, with any status.
 */
final class ForkedRun
{
    // Interval of checks for the fork's end, because another process may keep its socket open.
    private const SECONDS_BETWEEN_LOOKS = 0.02;
    private const SIGNAL_KILL = 9;
    private const READ_BYTES = 65536;

    /** @var Control */
    private $control;
    /** @var string */
    private $token;
    /** @var resource */
    private $socket;
    /** @var int */
    private $pid = 0;
    /** @var string not yet a whole line */
    private $received = '';
    /** @var string|null */
    private $outcome;
    /** @var bool whether a crash is not retried */
    private $failsOnCrash;

    public function __construct(Control $control, string $token, bool $failsOnCrash)
    {
        $this->control = $control;
        $this->token = $token;
        $this->failsOnCrash = $failsOnCrash;
    }

    /** Returns why forks are impossible; null if they are possible. */
    public static function problem(): ?string
    {
        $missing = array_filter(['pcntl_fork', 'pcntl_waitpid', 'posix_kill'], static function (string $function): bool {
            return !function_exists($function);
        });
        return $missing === [] ? null
            : '--fork needs the extensions pcntl and posix: there is no function ' . implode(', ', $missing);
    }

    /**
     * Returns in the worker when the run is over. The result is null, or the reason why the run has not
     * begun.
     *
     * @param callable(Control): void $run is called in the fork, which ends after it
     */
    public function handle(callable $run): ?string
    {
        $sockets = @stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        if ($sockets === false) {
            return 'there is no socket for the run';
        }
        [$this->socket, $theirs] = $sockets;
        // A SIGCHLD handler of the site could take the fork's status. It is restored for the run.
        $handler = pcntl_signal_get_handler(SIGCHLD);
        pcntl_signal(SIGCHLD, SIG_DFL);
        $this->pid = @pcntl_fork();
        if ($this->pid <= 0) {
            $error = pcntl_get_last_error();
            pcntl_signal(SIGCHLD, $handler);
        }
        if ($this->pid === -1) {
            fclose($this->socket);
            return 'there is no process for the run: ' . pcntl_strerror($error);
        }
        if ($this->pid === 0) {
            fclose($this->socket);
            $run(new Control($theirs));
            exit(0);  // a fork that the handler has made ends here too
        }
        fclose($theirs);
        stream_set_blocking($this->socket, false);
        $status = $this->waitForEnd();
        pcntl_signal(SIGCHLD, $handler);
        $this->receive();
        fclose($this->socket);
        if ($this->outcome === null) {
            $this->outcome = json_encode($this->outcomeOfStatus($status)->message + ['RunToken' => $this->token]) . "\n";
        }
        return null;
    }

    /**
     * Called in the fork after its last message. It ends the fork after the last shutdown function, without
     * PHP's own shutdown. That would take ten times as long as the fork, and call destructors of the worker's
     * objects.
     */
    public static function endFast(): void
    {
        register_shutdown_function(static function (): void {
            posix_kill(getmypid(), self::SIGNAL_KILL);
        });
    }

    /**
     * Tells the runner how the run ended.
     *
     * @param array<string, true> $next further members of the message, about the worker
     */
    public function finish(array $next): void
    {
        $more = $next === [] ? '' : ',' . substr(json_encode($next), 1, -1);
        $this->control->sendLine(substr($this->outcome, 0, -2) . "$more}\n");
    }

    /** Returns the status of the process; null if it is unknown because the process is gone. */
    private function waitForEnd(): ?int
    {
        $isOpen = true;
        while (($ended = pcntl_waitpid($this->pid, $status, $isOpen ? WNOHANG : 0)) !== $this->pid) {
            if ($ended === -1 && pcntl_get_last_error() === PCNTL_ECHILD) {
                return null;
            }
            $isOpen = $this->passOn();
        }
        return $status;
    }

    /** Waits a short time for messages from either side. Returns false if the fork has closed its socket. */
    private function passOn(): bool
    {
        $read = [$this->control->socket(), $this->socket];
        $none = null;
        if ((int)@stream_select($read, $none, $none, 0, (int)(self::SECONDS_BETWEEN_LOOKS * 1000000)) === 0) {
            return true;
        }
        if (in_array($this->control->socket(), $read, true)) {
            $this->passOnOrder();
        }
        return !in_array($this->socket, $read, true) || $this->receive();
    }

    private function passOnOrder(): void
    {
        $order = $this->control->receive();
        if ($order === null) {  // the runner sends no more
            posix_kill($this->pid, self::SIGNAL_KILL);
            exit(0);
        }
        @fwrite($this->socket, json_encode($order) . "\n");
    }

    /** Reads all available data. Returns false at the end of the stream. */
    private function receive(): bool
    {
        while (($bytes = (string)@fread($this->socket, self::READ_BYTES)) !== '') {
            $this->received .= $bytes;
            while (($end = strpos($this->received, "\n")) !== false) {
                $this->take(substr($this->received, 0, $end + 1));
                $this->received = substr($this->received, $end + 1);
            }
        }
        return !feof($this->socket);
    }

    private function take(string $line): void
    {
        $message = json_decode($line, true, 512, JSON_BIGINT_AS_STRING);
        if (!is_array($message) || ($message['RunToken'] ?? '') !== $this->token || $this->outcome !== null) {
            return;  // not a message of this run
        }
        $type = $message['type'] ?? '';
        if ($type === 'progress' || $type === 'mask') {
            $this->control->sendLine($line);
        }
        if ($type === 'mask') {
            @fwrite($this->socket, "{\"type\":\"masked\"}\n");
        } elseif ($type !== 'progress') {
            $this->outcome = $line;
        }
    }

    private function outcomeOfStatus(?int $status): Outcome
    {
        if ($status !== null && pcntl_wifsignaled($status)) {
            $signal = pcntl_wtermsig($status);
            return Outcome::ofCrash('signal', "The process of the run was killed by signal $signal.", $this->failsOnCrash);
        }
        $code = $status === null ? 'unknown' : pcntl_wexitstatus($status);
        return Outcome::ofCrash(
            'worker_ended',
            "The process of the run ended with status $code before it said how the run had ended.",
            $this->failsOnCrash
        );
    }
}
