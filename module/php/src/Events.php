<?php

namespace TaskQueue;

/** Triggers the queue's own events for the CMS: over HTTP with the event secret, or through the command line. */
final class Events
{
    /** The events, each with what it needs: nothing, the Id of a row, the name of a handler, or a new task. */
    private const INPUTS = [
        'task-queue:OnProcess' => null,
        'task-queue:OnCreateTaskRunners' => null,
        'task-queue:OnDebug' => null,
        'task-runner:OnProcess' => null,
        'task-queue:OnRefreshTaskRunners' => null,
        'task-queue:OnCreateTaskRuns' => null,
        'task-queue:OnCountTaskRunners' => null,
        'task-queue:OnCheckTaskHandler' => 'TaskHandlerClass',
        'task-queue:OnBeforeItemCreate' => 'Task',
        'task-run:OnBeforeItemCreate' => 'Id',
        'task-run:OnAfterItemUpdate' => 'Id',
        'task-runner:OnAfterItemUpdate' => 'Id',
    ];
    private const OPTIONS = ['Id' => '--id', 'TaskHandlerClass' => '--class', 'Task' => '--task'];
    /** A runner that a request starts works for 25 s and may take 30 s more to end (web.standalone_seconds). */
    private const SECONDS = 60;

    /** @var callable takes the event's name, the name of its input, and its value as text; returns what it did */
    private $send;

    private function __construct(callable $send)
    {
        $this->send = $send;
    }

    /** @return string[] */
    public static function names(): array
    {
        return array_keys(self::INPUTS);
    }

    /**
     * @param string $baseUrl    such as https://site/taskqueue
     * @param string $secretFile holds the event secret; read when an event is triggered
     */
    public static function overHttp(string $baseUrl, string $secretFile, int $timeoutSeconds = self::SECONDS): self
    {
        return new self(static function (string $event, ?string $input, string $value) use (
            $baseUrl,
            $secretFile,
            $timeoutSeconds
        ): array {
            $secret = @file_get_contents($secretFile);
            if ($secret === false) {
                throw new \RuntimeException("the event secret $secretFile cannot be read");
            }
            $address = rtrim($baseUrl, '/') . '/events/' . $event;
            $query = $input === null || $input === 'Task' ? '' : '?' . http_build_query([$input => $value]);
            $body = $input === 'Task' ? $value : '';
            [$status, $answer] = HttpRequest::send('POST', $address . $query, trim($secret), $timeoutSeconds, $body);
            if ($status === 200) {
                return $answer;
            }
            $detail = $answer['detail'] ?? $answer['title'] ?? 'no answer';
            $members = [];
            foreach ((array)($answer['errors'] ?? []) as $error) {
                $members[] = ($error['pointer'] ?? '') . ' ' . ($error['detail'] ?? '');
            }
            throw self::problem($event, "$address answered $status: $detail", $members, in_array($status, [404, 409, 422], true));
        });
    }

    /** Needs a user who may read the configuration. `task-runner:OnProcess` returns when its runner ends. */
    public static function overCommandLine(string $program, string $configuration): self
    {
        return new self(static function (string $event, ?string $input, string $value) use ($program, $configuration): array {
            $command = [$program, '--config', $configuration, 'event', $event];
            if ($input !== null) {
                array_push($command, self::OPTIONS[$input], $value);
            }
            $pipes = [];
            $streams = [['file', '/dev/null', 'r'], ['pipe', 'w'], ['redirect', 1]];
            $process = @proc_open($command, $streams, $pipes);
            if ($process === false) {
                throw new \RuntimeException("$program cannot be started");
            }
            $output = (string)stream_get_contents($pipes[1]);
            $status = proc_close($process);
            if ($status === 0) {
                return (array)json_decode($output, true);
            }
            if (in_array($status, [126, 127], true)) {
                throw new \RuntimeException("$program cannot be started: there is no such program, or this user may not execute it.");
            }
            $lines = explode("\n", trim($output));
            $detail = "$program event $event ended with status $status: " . array_shift($lines);
            throw self::problem($event, $detail, $lines, in_array($status, [1, 65], true));
        });
    }

    /**
     * @param int|string|array<mixed>|null $input the Id, the handler's name or the new task of an event that needs one
     * @return array<string, mixed> what the event did, as the queue reports it
     * @throws \InvalidArgumentException for an unknown event, or an input that it does not take
     * @throws EventRefused when the queue's rules refuse the row that the event is about
     * @throws \RuntimeException with the reason, when the event could not be triggered
     */
    public function trigger(string $event, $input = null): array
    {
        if (!array_key_exists($event, self::INPUTS)) {
            throw new \InvalidArgumentException("there is no event $event, only " . implode(', ', self::names()));
        }
        $needed = self::INPUTS[$event];
        if (($needed === null) !== ($input === null)) {
            throw new \InvalidArgumentException($needed === null ? "$event takes no input" : "$event needs an input: $needed");
        }
        $value = is_array($input) ? json_encode($input, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES) : (string)$input;
        if ($value === false) {
            throw new \InvalidArgumentException("the input of $event is no JSON: " . json_last_error_msg());
        }
        return ($this->send)($event, $needed, $value);
    }

    /** @param string[] $members one line for each member that is wrong */
    private static function problem(string $event, string $text, array $members, bool $isRefusal): \RuntimeException
    {
        $isItem = strpos($event, 'Item') !== false || strpos($event, 'OnCheck') !== false;
        $text = implode('; ', array_filter(array_merge([$text], $members)));
        return $isRefusal && $isItem ? new EventRefused($text) : new \RuntimeException($text);
    }
}
