<?php

namespace TaskQueue;

/** Triggers the queue's own events for the CMS: over HTTP with the event secret, or through the command line. */
final class Events
{
    public const NAMES = ['task-queue:OnProcess', 'task-queue:OnCreateTaskRunners', 'task-queue:OnDebug', 'task-runner:OnProcess'];
    /** A runner that a request starts works for 25 s and may take 30 s more to end (web.standalone_seconds). */
    private const SECONDS = 60;

    /** @var callable takes the event's name, returns what it did or throws \RuntimeException */
    private $send;

    private function __construct(callable $send)
    {
        $this->send = $send;
    }

    /**
     * @param string $baseUrl    such as https://site/taskqueue
     * @param string $secretFile holds the event secret; read when an event is triggered
     */
    public static function overHttp(string $baseUrl, string $secretFile, int $timeoutSeconds = self::SECONDS): self
    {
        return new self(static function (string $event) use ($baseUrl, $secretFile, $timeoutSeconds): array {
            $secret = @file_get_contents($secretFile);
            if ($secret === false) {
                throw new \RuntimeException("the event secret $secretFile cannot be read");
            }
            $address = rtrim($baseUrl, '/') . '/events/' . $event;
            [$status, $answer] = HttpRequest::send('POST', $address, trim($secret), $timeoutSeconds);
            if ($status !== 200) {
                $detail = $answer['detail'] ?? $answer['title'] ?? 'no answer';
                throw new \RuntimeException("$address answered $status: $detail");
            }
            return $answer;
        });
    }

    /** Needs a user who may read the configuration. `task-runner:OnProcess` returns when its runner ends. */
    public static function overCommandLine(string $program, string $configuration): self
    {
        return new self(static function (string $event) use ($program, $configuration): array {
            $pipes = [];
            $process = @proc_open(
                [$program, '--config', $configuration, 'event', $event],
                [['file', '/dev/null', 'r'], ['pipe', 'w'], ['redirect', 1]],
                $pipes
            );
            if ($process === false) {
                throw new \RuntimeException("$program cannot be started");
            }
            $output = (string)stream_get_contents($pipes[1]);
            $status = proc_close($process);
            if ($status !== 0) {
                throw new \RuntimeException("$program event $event ended with status $status: " . trim($output));
            }
            return (array)json_decode($output, true);
        });
    }

    /**
     * @return array what the event did, as the queue reports it
     * @throws \InvalidArgumentException for an unknown event
     * @throws \RuntimeException with the reason, when the event could not be triggered
     */
    public function trigger(string $event): array
    {
        if (!in_array($event, self::NAMES, true)) {
            throw new \InvalidArgumentException("there is no event $event, only " . implode(', ', self::NAMES));
        }
        return ($this->send)($event);
    }
}
