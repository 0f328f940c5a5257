<?php
// Runs module/php/worker.php as a child and speaks the runner's side of the protocol with it.

final class HostedWorker
{
    private const SECONDS = 200;  // for each answer; an idle machine needs 10

    /** @var resource */
    private $process;
    /** @var resource */
    private $socket;
    /** @var string[] files by stream name */
    private $files = [];
    /** @var int[] bytes read from them */
    private $read = ['stdout' => 0, 'stderr' => 0];
    /** @var int */
    private $runs = 0;
    /** @var array the announcement */
    public $handlers;
    /** @var array further columns of the tasks of the next runs */
    public $task = [];

    /** @param string[] $settings php.ini settings as name=value */
    public function __construct(string $bootstrap, array $options = [], array $settings = ['memory_limit=128M'])
    {
        [$this->socket, $theirs] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        foreach (array_keys($this->read) as $name) {
            $this->files[$name] = tempnam(sys_get_temp_dir(), 'taskqueue-php-');
        }
        $this->process = proc_open(
            array_merge([PHP_BINARY], preg_filter('/^/', '-d', $settings),
                [dirname(__DIR__, 3) . '/module/php/worker.php', "--bootstrap=$bootstrap"], $options),
            [['file', '/dev/null', 'r'], ['file', $this->files['stdout'], 'a'], ['file', $this->files['stderr'], 'a'], $theirs],
            $unused,
            '/',
            ['PATH' => getenv('PATH'), 'COLOUR' => 'blue']
        );
        fclose($theirs);
        fwrite($this->socket, '{"type":"hello","protocol":1}' . "\n");
        $this->handlers = $this->receive();
    }

    public function __destruct()
    {
        fclose($this->socket);
        proc_terminate($this->process, 9);
        proc_close($this->process);
        array_map('unlink', $this->files);
    }

    /**
     * Does a run to its end and returns the worker's messages in order. The last message is the end. Each message has the
     * run's token.
     */
    public function run(string $class, array $data = []): array
    {
        $token = $this->start($class, $data);
        $messages = [];
        do {
            $message = $this->receive();
            if ($message === null) {
                check(false, "the worker answers to $class " . json_encode($data) . '; it wrote: ' . $this->output('stderr'));
            }
            check(($message['RunToken'] ?? '') === $token, 'the token of the run in ' . substr(json_encode($message), 0, 300));
            $messages[] = $message;
        } while (in_array($message['type'], ['progress', 'mask'], true));
        return $messages;
    }

    /** Returns the end of a run. */
    public function endOf(string $class, array $data = []): array
    {
        $messages = $this->run($class, $data);
        return end($messages);
    }

    /** Starts a run and returns its token. */
    public function start(string $class, array $data): string
    {
        $token = bin2hex(random_bytes(16));
        $id = ++$this->runs;
        fwrite($this->socket, json_encode([
            'type' => 'run',
            'TaskRun' => ['Id' => $id, 'TaskQueueId' => $id, 'Attempt' => 1, 'RunToken' => $token],
            'TaskQueue' => ['Id' => $id, 'TaskHandlerClass' => $class, 'TaskData' => $data === [] ? new stdClass() : $data] + $this->task,
        ]) . "\n");
        return $token;
    }

    /** Closes the runner's end of the socket. */
    public function leave(): void
    {
        stream_socket_shutdown($this->socket, STREAM_SHUT_RDWR);
    }

    /** Sends another message. */
    public function say(array $message): void
    {
        fwrite($this->socket, json_encode($message) . "\n");
    }

    /** Returns the next message, or null when the worker has closed the socket. */
    public function receive(): ?array
    {
        stream_set_timeout($this->socket, self::SECONDS);
        $line = fgets($this->socket);
        check(!stream_get_meta_data($this->socket)['timed_out'], 'an answer within ' . self::SECONDS . ' s');
        if ($line === false) {
            return null;
        }
        check(strlen($line) < 4 << 20, 'a line within the limit');
        return json_decode($line, true);
    }

    /** Returns the output since the last call. */
    public function output(string $stream): string
    {
        $text = file_get_contents($this->files[$stream], false, null, $this->read[$stream]);
        $this->read[$stream] += strlen($text);
        return $text;
    }

    public function pid(): int
    {
        return proc_get_status($this->process)['pid'];
    }

    /** Tells whether the worker sends nothing more. */
    public function isSilent(): bool
    {
        $read = [$this->socket];
        $none = null;
        return stream_select($read, $none, $none, 0) === 0;
    }

    /** Tells whether the worker ends by itself. */
    public function ends(): bool
    {
        return $this->receive() === null;
    }
}
