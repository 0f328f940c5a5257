<?php

namespace TaskQueue;

/** Enqueues over the HTTP API. A request without an answer is repeated once; this never enqueues a task twice. */
final class HttpTransport implements Transport
{
    private const TRIES = 2;

    /** @var string */
    private $address;
    /** @var string */
    private $apiToken;
    /** @var int */
    private $timeoutSeconds;

    public function __construct(string $baseUrl, string $apiToken, int $timeoutSeconds = 15)
    {
        $this->address = rtrim($baseUrl, '/') . '/api/v1/tasks';
        $this->apiToken = $apiToken;
        $this->timeoutSeconds = $timeoutSeconds;
    }

    public function enqueue(NewTask $task): int
    {
        $members = array_filter($task->options, static function ($value): bool {
            return $value !== null;
        });
        $members['TaskHandlerClass'] = $task->taskHandlerClass;
        if ($task->maxRetries !== null) {
            $members['MaxRetries'] = $task->maxRetries;
        }
        if ($task->scheduledOn !== null) {
            $members['ScheduledOn'] = $task->scheduledOn;
        }
        $others = json_encode($members, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
        if ($others === false) {
            throw new EnqueueError('An option cannot be said in JSON: ' . json_last_error_msg() . '.');
        }
        // TaskData is JSON already.
        $body = substr($others, 0, -1) . ',"TaskData":' . $task->taskData . '}';
        $key = bin2hex(random_bytes(16));
        for ($try = 1; ; ++$try) {
            [$status, $answer] = HttpPost::send($this->address, $this->apiToken, $this->timeoutSeconds, $body, [
                'Content-Type: application/json',
                'Idempotency-Key: ' . $key,
            ]);
            if (($status === 201 || $status === 200) && isset($answer['Id'])) {
                return (int)$answer['Id'];
            }
            if ($status >= 400 && $status < 500) {
                throw new EnqueueError(self::problem($answer) . " (HTTP $status)");
            }
            if ($try === self::TRIES) {
                throw new \RuntimeException($status === 0
                    ? "The queue at {$this->address} does not answer."
                    : "The queue cannot be used now: HTTP $status, " . self::problem($answer));
            }
        }
    }

    private static function problem(array $answer): string
    {
        $text = $answer['detail'] ?? $answer['title'] ?? 'unknown error';
        foreach ($answer['errors'] ?? [] as $error) {
            $text .= ' ' . ($error['pointer'] ?? '') . ' ' . ($error['detail'] ?? '') . '.';
        }
        return $text;
    }
}
