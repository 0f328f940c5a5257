<?php

namespace TaskQueue;

/** Uses the HTTP API. A request without an answer is repeated once; this never enqueues a task twice. */
final class HttpTransport implements Transport
{
    private const TRIES = 2;
    private const OK = [200, 201, 202];

    /** @var string */
    private $baseUrl;
    /** @var string */
    private $apiToken;
    /** @var int */
    private $timeoutSeconds;

    public function __construct(string $baseUrl, string $apiToken, int $timeoutSeconds = 15)
    {
        $this->baseUrl = HttpRequest::baseUrl($baseUrl) . '/api/v1/';
        $this->apiToken = HttpRequest::secret($apiToken, 'apiToken');
        $this->timeoutSeconds = $timeoutSeconds;
    }

    public function enqueue(array $tasks): array
    {
        $bodies = array_map([self::class, 'json'], $tasks);
        // A refusal of a single task names its members without a position.
        $body = count($bodies) === 1 ? $bodies[0] : '[' . implode(',', $bodies) . ']';
        [$status, $answer] = $this->send('POST', 'tasks', $body, ['Idempotency-Key: ' . bin2hex(random_bytes(16))]);
        $ids = array_column(isset($answer['Id']) ? [$answer] : $answer, 'Id');
        $areIds = count($ids) === count($tasks) && count(array_filter($ids, static function ($id): bool {
            return is_int($id) && $id > 0;
        })) === count($ids);
        if (!in_array($status, self::OK, true)) {
            throw self::refusal($status, $answer);
        }
        return $areIds ? $ids : $this->refuse($status, []);
    }

    public function find(int $id): ?TaskStatus
    {
        [$status, $answer] = $this->send('GET', "tasks/$id", '', [], 'Task');
        if ($status === 404) {
            return null;
        }
        $this->mustBe(200, $status, $answer);
        $newest = null;
        foreach ($answer['Runs'] as $run) {
            if ($newest === null || $run['Attempt'] > $newest['Attempt']) {
                $newest = $run;
            }
        }
        return new TaskStatus($answer['Task'], $newest, $answer['WaitReason']);
    }

    public function wait(int $id, float $seconds): ?TaskStatus
    {
        return Polling::untilOver(function () use ($id): ?TaskStatus {
            return $this->find($id);
        }, $seconds);
    }

    public function cancel(int $id): string
    {
        [$status, $answer] = $this->send('POST', "tasks/$id/cancel", '', [], 'Outcome');
        $outcomes = [
            200 => CancelOutcome::CANCELLED,
            202 => CancelOutcome::REQUESTED,
            404 => CancelOutcome::NO_SUCH_TASK,
            409 => CancelOutcome::ALREADY_ENDED,
        ];
        return $outcomes[$status] ?? $this->refuse($status, $answer);
    }

    public function retry(int $id): string
    {
        [$status, $answer] = $this->send('POST', "tasks/$id/retry", '', [], 'Outcome');
        if ($status === 409) {
            return ($answer['title'] ?? '') === 'The task is running' ? RetryOutcome::STILL_RUNNING : RetryOutcome::KEY_TAKEN;
        }
        $outcomes = [200 => RetryOutcome::SCHEDULED, 404 => RetryOutcome::NO_SUCH_TASK];
        return $outcomes[$status] ?? $this->refuse($status, $answer);
    }

    public function list(TaskFilter $filter): TaskList
    {
        $query = http_build_query(['limit' => $filter->limit] + $filter->members, '', '&', PHP_QUERY_RFC3986);
        [$status, $answer] = $this->send('GET', "tasks?$query", '', [], 'Tasks');
        $this->mustBe(200, $status, $answer);
        $tasks = array_map(static function (array $task): TaskStatus {
            return new TaskStatus($task);
        }, $answer['Tasks']);
        return new TaskList($tasks, $answer['After']);
    }

    public function runnersAlive(): int
    {
        [$status, $answer] = $this->send('GET', 'runners', '', [], 'Runners');
        $this->mustBe(200, $status, $answer);
        $alive = 0;
        foreach ($answer['Runners'] as $runner) {
            $isFresh = $runner['Status'] === 'running' && $runner['HeartbeatAgeSeconds'] <= self::ALIVE_SECONDS;
            $alive += $isFresh ? 1 : 0;
        }
        return $alive;
    }

    /** The API wakes the runners itself. */
    public function wake(): void
    {
    }

    private static function json(NewTask $task): string
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
            throw new EnqueueError(
                'An option cannot be said in JSON: ' . json_last_error_msg() . '.', 'Give texts in UTF-8.', null, 'not_json'
            );
        }
        // TaskData is JSON already.
        return substr($others, 0, -1) . ',"TaskData":' . $task->taskData . '}';
    }

    /**
     * @param string[] $headers
     * @param string|null $member what the answer of a queue has, unless it is a refusal
     * @return array{int, array<mixed>} the HTTP status, below 500, and the decoded body
     * @throws UnavailableError when the queue cannot be used
     */
    private function send(string $method, string $path, string $body = '', array $headers = [], ?string $member = null): array
    {
        for ($try = 1;; ++$try) {
            $address = $this->baseUrl . $path;
            [$status, $answer] = HttpRequest::send($method, $address, $this->apiToken, $this->timeoutSeconds, $body, $headers);
            $wanted = in_array($status, self::OK, true) ? $member : ($status === 404 ? 'title' : null);
            if ($wanted !== null && !isset($answer[$wanted])) {  // it comes from another server: there is no queue
                $this->refuse($status, []);
            }
            if ($status >= 200 && $status < 500) {
                return [$status, $answer];
            }
            if ($try === self::TRIES) {
                throw $status === 0
                    ? new UnavailableError("The queue at {$this->baseUrl} does not answer.", 'Try again later.', null, 'http')
                    : $this->unavailable($status, $answer);
            }
        }
    }

    /** @param array<mixed> $answer */
    private function mustBe(int $wanted, int $status, array $answer): void
    {
        if ($status !== $wanted) {
            $this->refuse($status, $answer);
        }
    }

    /**
     * @param array<mixed> $answer
     * @return never
     */
    private function refuse(int $status, array $answer)
    {
        throw $this->unavailable($status, $answer);
    }

    /** @param array<mixed> $answer */
    private function unavailable(int $status, array $answer): UnavailableError
    {
        $problem = "The queue at {$this->baseUrl} cannot be used: " . self::titleOf($status, $answer);
        return new UnavailableError($problem, self::mendOf($status, $answer), null, 'http', null, $status);
    }

    /**
     * Returns the refusal with the member and the code that it has over the site's connection.
     *
     * @param array<mixed> $answer
     */
    private static function refusal(int $status, array $answer): EnqueueError
    {
        $errors = $answer['errors'] ?? [];
        if ($errors === []) {
            $code = [401 => 'unauthorized', 403 => 'unauthorized', 429 => 'too_many'][$status] ?? 'refused';
            return new EnqueueError(self::titleOf($status, $answer), self::mendOf($status, $answer), null, $code, null, $status);
        }
        $member = ltrim($errors[0]['pointer'] ?? '', '/');
        [$code, $mend] = ['refused', 'Correct this member.'];
        if (preg_match('~^(\d+/)?TaskData(/|$)~', $member) === 1) {
            [$code, $mend] = ['schema', DataSchema::MEND];
        } elseif (preg_match('~^(\d+/)?TaskHandlerClass$~', $member) === 1) {
            [$code, $mend] = ['unknown_handler', 'Correct the name or start a runner.'];
        }
        $problem = implode('; ', self::textsOf($errors)) . " (HTTP $status).";
        return new EnqueueError($problem, $mend, $member === '' ? null : $member, $code, null, $status);
    }

    /**
     * @param list<array{pointer?: string, detail?: string}> $errors
     * @return list<string>
     */
    private static function textsOf(array $errors): array
    {
        return array_map(static function (array $error): string {
            return trim(($error['pointer'] ?? '') . ' ' . rtrim($error['detail'] ?? '', '.'));
        }, $errors);
    }

    /** @param array<mixed> $answer */
    private static function titleOf(int $status, array $answer): string
    {
        return ($answer['title'] ?? 'This address answers as no queue does') . " (HTTP $status).";
    }

    /** @param array<mixed> $answer */
    private static function mendOf(int $status, array $answer): string
    {
        $sentences = array_merge([rtrim($answer['detail'] ?? '', '.')], self::textsOf($answer['errors'] ?? []));
        $mend = implode('. ', array_filter($sentences, 'strlen'));
        if ($mend !== '') {
            return "$mend.";
        }
        if ($status === 404 || in_array($status, self::OK, true)) {
            return 'Give the base URL of the queue, such as https://site/taskqueue.';
        }
        return $status === 401 || $status === 403 ? 'Give a token with this right.' : 'Look at the log of the queue.';
    }
}
