<?php

namespace TaskQueue\Laravel;

use InvalidArgumentException;
use TaskQueue\TaskQueue;

/** What an entry of queue.connections with the driver taskqueue says. */
final class ConnectionSettings
{
    private const KNOWN = ['driver', 'connection', 'prefix', 'url', 'token', 'queue', 'handler', 'jobs', 'tries', 'backoff',
        'timeout', 'after_commit', 'failed_jobs', 'wake_directory'];

    /** @var string|null a connection of config/database.php; null: the default one */
    public $database;
    /** @var string of the queue's tables */
    public $prefix;
    /** @var string where the runners listen */
    public $wakeDirectory;
    /** @var string|null address of the HTTP API, which is used in place of the database */
    public $url;
    /** @var string */
    public $token;
    /** @var string */
    public $queue;
    /** @var string TaskHandlerClass of jobs that are not listed in $jobs */
    public $handler;
    /** @var string[] classes of jobs that have a TaskHandlerClass of their own: their class */
    public $jobs;
    /** @var int of jobs that do not say it; 0: no limit */
    public $tries;
    /** @var string seconds, separated by commas, of jobs that do not say it */
    public $backoff;
    /** @var int seconds; 0: the time limit of the runner alone */
    public $timeout;
    /** @var bool|null */
    public $afterCommit;
    /** @var bool whether Laravel's failed_jobs are told */
    public $logsFailedJobs;

    /**
     * @param array<string, mixed> $config
     * @throws InvalidArgumentException that names the wrong setting
     */
    public function __construct(array $config)
    {
        $unknown = array_diff(array_keys($config), self::KNOWN);
        if ($unknown !== []) {
            throw new InvalidArgumentException('A queue connection of taskqueue has no setting ' . reset($unknown)
                . '; known are ' . implode(', ', self::KNOWN) . '.');
        }
        $this->database = $config['connection'] ?? null;
        $this->prefix = (string)($config['prefix'] ?? 'inp_');
        $this->wakeDirectory = (string)($config['wake_directory'] ?? TaskQueue::WAKE_DIRECTORY);
        $this->url = $config['url'] ?? null;
        $this->token = (string)($config['token'] ?? '');
        if ($this->url !== null && $this->token === '') {
            throw new InvalidArgumentException('The queue connection has a url, so it needs the token of the API, too.');
        }
        $this->queue = (string)($config['queue'] ?? 'default');
        $this->handler = (string)($config['handler'] ?? 'LaravelJob');
        $this->jobs = array_values($config['jobs'] ?? []);
        foreach ($this->jobs as $class) {
            if (!class_exists($class)) {
                throw new InvalidArgumentException("The setting jobs names $class, and there is no such class.");
            }
        }
        $this->tries = self::number($config, 'tries', 1);
        $this->timeout = self::number($config, 'timeout', 60);
        $this->backoff = implode(',', (array)($config['backoff'] ?? 0));
        $this->afterCommit = $config['after_commit'] ?? null;
        $this->logsFailedJobs = (bool)($config['failed_jobs'] ?? true);
    }

    /** @param array<string, mixed> $config */
    private static function number(array $config, string $name, int $default): int
    {
        $number = filter_var($config[$name] ?? $default, FILTER_VALIDATE_INT, ['options' => ['min_range' => 0]]);
        if ($number === false) {
            throw new InvalidArgumentException("The setting $name of the queue connection must be a whole number from 0 on.");
        }
        return $number;
    }

    /** Returns TaskHandlerClass of a job that is shown by this name. */
    public function handlerOf(string $displayName): string
    {
        return in_array($displayName, $this->jobs, true) ? $displayName : $this->handler;
    }
}
