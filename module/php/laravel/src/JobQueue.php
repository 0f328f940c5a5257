<?php

namespace TaskQueue\Laravel;

use Illuminate\Contracts\Queue\Queue as QueueContract;
use Illuminate\Queue\InvalidPayloadException;
use Illuminate\Queue\Queue;
use TaskQueue\SiteClient;
use TaskQueue\Transport;

/** A queue of Laravel whose jobs are tasks. Runners handle them; `queue:work` does not. */
final class JobQueue extends Queue implements QueueContract
{
    private const MOST_RETRIES = 1000;
    private const TITLE_CHARACTERS = 255;

    /** @var ConnectionSettings */
    private $settings;
    /** @var JobData */
    private $data;
    /** @var SiteClient */
    private $client;
    /** @var \Illuminate\Database\DatabaseManager|null null: jobs go over HTTP */
    private $databases;

    /** @param \Illuminate\Database\DatabaseManager|null $databases */
    public function __construct(ConnectionSettings $settings, JobData $data, SiteClient $client, $databases = null)
    {
        $this->settings = $settings;
        $this->data = $data;
        $this->client = $client;
        $this->databases = $databases;
        $this->dispatchAfterCommit = $settings->afterCommit;
    }

    public function push($job, $data = '', $queue = null)
    {
        return $this->enqueue($job, $data, $queue, null);
    }

    public function later($delay, $job, $data = '', $queue = null)
    {
        return $this->enqueue($job, $data, $queue, $delay);
    }

    /**
     * Adds a job by its payload, as `queue:retry` does.
     *
     * @param string $payload
     */
    public function pushRaw($payload, $queue = null, array $options = [])
    {
        return $this->add($payload, $queue, null, []);
    }

    /**
     * Adds the jobs in few statements; those that wait for a COMMIT one by one.
     *
     * @param array<mixed> $jobs
     */
    public function bulk($jobs, $data = '', $queue = null)
    {
        $payloads = [];
        $tasks = [];
        $jobs = array_values((array)$jobs);
        foreach ($jobs as $position => $job) {
            $delay = is_object($job) ? $job->delay ?? null : null;
            if ($this->shouldDispatchAfterCommit($job)) {
                $this->enqueue($job, $data, $queue, $delay);
            } else {
                $payloads[$position] = $this->payloadOf($job, $queue, $data);
                $tasks[$position] = $this->taskOf($payloads[$position], $queue, $delay, self::optionsOf($job));
            }
        }
        foreach (array_chunk($tasks, Transport::MOST_TASKS, true) as $chunk) {
            $ids = array_combine(array_keys($chunk), $this->client->get()->addTasks($chunk));
            foreach ($ids as $position => $id) {
                // The jobs are added already; Laravel tells its listeners.
                $this->enqueueUsing($jobs[$position], $payloads[$position], $queue, null, static function () use ($id): int {
                    return $id;
                });
            }
        }
    }

    /** @param \DateTimeInterface|\DateInterval|int|null $delay */
    private function enqueue($job, $data, ?string $queue, $delay)
    {
        $add = function ($payload, $queue, $delay) use ($job) {
            return $this->add($payload, $queue, $delay, self::optionsOf($job));
        };
        return $this->enqueueUsing($job, $this->payloadOf($job, $queue, $data), $queue, $delay, $add);
    }

    private function payloadOf($job, ?string $queue, $data): string
    {
        return JobView::addTo($this->createPayload($job, $queue ?? $this->settings->queue, $data), $job);
    }

    /**
     * Returns the options that the job itself says for its task.
     *
     * @return array<string, mixed>
     */
    private static function optionsOf($job): array
    {
        return is_object($job) && method_exists($job, 'taskOptions') ? $job->taskOptions() : [];
    }

    /**
     * Adds the task and returns its Id.
     *
     * @param array<string, mixed> $options
     */
    private function add(string $payload, ?string $queue, $delay, array $options): int
    {
        return $this->client->get()->addTask(...$this->taskOf($payload, $queue, $delay, $options));
    }

    /**
     * Returns the arguments of TaskQueue::addTask().
     *
     * @param array<string, mixed> $options
     * @return array{string, array<string, mixed>, int|null, int, array<string, mixed>}
     */
    private function taskOf(string $payload, ?string $queue, $delay, array $options): array
    {
        $job = json_decode($payload, true);
        if (!is_array($job) || !is_string($job['job'] ?? null)) {
            throw new InvalidPayloadException('The payload must be a JSON object that names a job.');
        }
        $shown = JobData::nameOf($job);
        $class = $this->settings->handlerOf($shown);
        $title = $class === $shown ? [] : ['Title' => mb_substr($shown, 0, self::TITLE_CHARACTERS)];
        $options += ['Queue' => $queue ?? $this->settings->queue] + $title;
        $dueAt = $delay === null ? 0 : $this->availableAt($delay);
        return [$class, $this->data->encode($job), $dueAt > time() ? $dueAt : null, $this->maxRetries($job), $options];
    }

    /**
     * Laravel counts the tries. The queue allows one run more, in which a job learns that it has crashed too often.
     *
     * @param array<string, mixed> $job
     */
    private function maxRetries(array $job): int
    {
        $tries = (int)($job['maxTries'] ?? $this->settings->tries);
        return $tries === 0 || isset($job['retryUntil']) ? self::MOST_RETRIES : min($tries + 1, self::MOST_RETRIES);
    }

    /** Returns how many jobs of the queue wait or run. */
    public function size($queue = null)
    {
        if ($this->databases === null) {
            throw new \LogicException('The size of a queue is not known over the HTTP API; the page tasks shows its tasks.');
        }
        $row = $this->databases->connection($this->settings->database)->selectOne('SELECT COUNT(*) AS Waiting FROM '
            . "{$this->settings->prefix}TaskQueue WHERE Queue = ? AND LastStatus NOT IN ('success', 'cancelled') AND "
            . "(LastStatus = 'running' OR NextRunOn IS NOT NULL OR ParkedReason <> '')", [$queue ?? $this->settings->queue]);
        return (int)$row->Waiting;
    }

    public function pop($queue = null)
    {
        throw new \LogicException('Task-runners handle the jobs of a taskqueue connection, in worker.php; queue:work is not '
            . 'used for it. See the README of taskqueue/laravel.');
    }

    public function getSettings(): ConnectionSettings
    {
        return $this->settings;
    }

    public function getData(): JobData
    {
        return $this->data;
    }

    /** Lets go of the connection to the database. */
    public function forgetConnection(): void
    {
        $this->client->forget();
    }
}
