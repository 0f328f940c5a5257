<?php

namespace TaskQueue\Worker;

/**
 * The control socket: JSON objects, one per line. It belongs to the process that opened it; a fork of that process
 * sends and reads nothing. With --fork, the process of a run has another socket, whose peer is the worker.
 */
final class Control
{
    private const DESCRIPTOR = 3;
    private const FLAGS = JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_SLASHES
        | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;

    /** @var resource */
    private $socket;
    /** @var int */
    private $processId;
    /** @var bool whether the peer is the worker, which forwards the messages */
    private $isOfFork;
    /** @var array[] messages that arrived while another one was awaited */
    private $kept = [];

    /** @param resource|null $socket null: descriptor 3 */
    public function __construct($socket = null)
    {
        $this->isOfFork = $socket !== null;
        $socket = $socket ?? @fopen('php://fd/' . self::DESCRIPTOR, 'r+b');
        if ($socket === false) {
            throw new \RuntimeException('this program is started by a task-runner: descriptor 3 is not open');
        }
        stream_set_read_buffer($socket, 65536);
        $this->socket = $socket;
        $this->processId = getmypid();
    }

    /** Returns false in a fork of the process that opened the socket. */
    public function isOurs(): bool
    {
        return getmypid() === $this->processId;
    }

    /** @param string|null $results the member Results, as JSON */
    public function send(array $message, ?string $results = null): void
    {
        if (!$this->isOurs()) {
            return;
        }
        $line = json_encode($message, self::FLAGS);
        $this->sendLine($results === null ? "$line\n" : substr($line, 0, -1) . ",\"Results\":$results}\n");
    }

    /** Returns when the runner is sure to know the value before it reads output written later. */
    public function sendMask(array $message): void
    {
        $this->send($message);
        while ($this->isOfFork && $this->isOurs()) {
            $answer = $this->read();
            if ($answer === null || ($answer['type'] ?? '') === 'masked') {
                return;
            }
            $this->kept[] = $answer;
        }
    }

    /** @param string $line with its line feed */
    public function sendLine(string $line): void
    {
        for ($sent = 0; $sent < strlen($line); $sent += $written) {
            $written = @fwrite($this->socket, $sent === 0 ? $line : substr($line, $sent));
            if ($written === false || $written === 0) {
                exit(74);  // the runner is gone
            }
        }
    }

    /** Returns the next message; null when the runner has closed the socket. */
    public function receive(): ?array
    {
        return array_shift($this->kept) ?? $this->read();
    }

    private function read(): ?array
    {
        $line = $this->isOurs() ? fgets($this->socket) : false;
        return $line === false ? null : (array)json_decode($line, true, 512, JSON_BIGINT_AS_STRING);
    }

    /** @return resource the socket, for stream_select() */
    public function socket()
    {
        return $this->socket;
    }

    /** Returns whether a message, or the end of the socket, comes within this time. */
    public function waits(int $microseconds): bool
    {
        $read = [$this->socket];
        $none = null;
        return $this->kept !== [] || (int)@stream_select($read, $none, $none, 0, $microseconds) === 1;
    }

    /** Returns a message that has already arrived, without waiting. */
    public function poll(): ?array
    {
        if (!$this->isOurs()) {
            return null;
        }
        if ($this->kept !== []) {
            return array_shift($this->kept);
        }
        return $this->waits(0) ? $this->receive() : null;
    }
}
