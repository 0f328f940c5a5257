<?php

namespace TaskQueue\Worker;

use TaskQueue\Snooze;
use TaskQueue\TaskError;
use TaskQueue\TaskRun;

/** The hooks and watched connections that the bootstrap file has registered. */
final class Site
{
    private const SECONDS_TO_ANOTHER_WORKER = 1;
    private const MOST_NUMBERS_SKIPPED = 1000;  // lcg_value() cannot be seeded, so a fork skips up to this many numbers

    /** @var WatchedConnections */
    private $connections;
    /** @var array<string, callable[]> by moment */
    private $hooks = ['beforeRun' => [], 'afterRun' => [], 'onLostConnection' => [], 'afterFork' => []];
    /** @var array<int, array{callable, string[]}> each with the handlers that it is for; none: all */
    private $middleware = [];
    /** @var array<\PDO|\mysqli> connections that the current run watches */
    private $ofRun = [];
    /** @var bool nothing is registered outside a worker */
    private $isInWorker = false;
    /** @var bool */
    private $isLoaded = false;
    /** @var bool */
    private $isNewFork = false;
    /** @var array start of the search for connections, in addition to what PHP lists */
    private $roots = [];
    /** @var Descriptors|null */
    private $descriptors;
    /** @var string[] */
    private $stays = [];

    public function __construct()
    {
        $this->connections = new WatchedConnections();
    }

    /** Call this before the worker loads the bootstrap file. */
    public function start(): void
    {
        $this->isInWorker = true;
    }

    /** @param \PDO|\mysqli $connection */
    public function watch($connection): void
    {
        if (!$connection instanceof \PDO && !$connection instanceof \mysqli) {
            throw new \InvalidArgumentException('Worker::watch() takes a connection of PDO or mysqli');
        }
        if ($this->isInWorker && !$this->connections->add($connection)) {
            throw new \InvalidArgumentException('Worker::watch(): this connection does not answer');
        }
        if ($this->isLoaded) {
            $this->ofRun[] = $connection;  // otherwise a local variable would close it before it is looked at
        }
    }

    public function addHook(string $moment, callable $hook): void
    {
        if ($this->isLoaded) {
            throw new \LogicException("Worker::$moment() is for the bootstrap file: a run cannot change the others");
        }
        if ($this->isInWorker) {
            $this->hooks[$moment][] = $hook;
        }
    }

    /** @param string[] $handlers */
    public function addMiddleware(callable $middleware, array $handlers): void
    {
        if ($this->isLoaded) {
            throw new \LogicException('Worker::middleware() is for the bootstrap file: a run cannot change the others');
        }
        if ($this->isInWorker) {
            $this->middleware[] = [$middleware, $handlers];
        }
    }

    /** Call this after the bootstrap file has ended. Returns why the worker cannot serve, or null. */
    public function load(HandlerList $handlers, bool $fork): ?string
    {
        $this->isLoaded = true;
        foreach ($this->middleware as [, $names]) {
            foreach ($names as $name) {
                if (!$handlers->has($name)) {
                    return "Worker::middleware(): there is no handler $name in the list that the bootstrap file returns";
                }
            }
        }
        $this->roots = [$handlers, $this->hooks, $this->middleware, spl_autoload_functions()];
        $this->connections->search($this->roots);
        $open = $this->connections->rollBack();
        if ($open > 0) {
            StandardStreams::writeError("PHP: the bootstrap file has left $open transaction(s) open, which are rolled back\n");
        }
        $this->descriptors = new Descriptors();
        return $fork ? ForkedRun::problem() ?? $this->problemOfForks() : null;
    }

    public function descriptors(): Descriptors
    {
        return $this->descriptors;
    }

    /** Returns why runs cannot be forks; null if they can. */
    private function problemOfForks(): ?string
    {
        $count = $this->hooks['afterFork'] === [] ? $this->connections->count() : 0;
        return $count === 0 ? null : "--fork: the bootstrap file has opened $count connection(s) to a database, which all runs "
            . 'would share; close them at its end, or open them anew in a hook of Worker::afterFork()';
    }

    /** Called in the fork that --fork makes for a run. */
    public function onFork(): void
    {
        $this->connections->exclude();
        $this->descriptors = new Descriptors(true);
        $this->isNewFork = true;
        mt_srand();  // without a new seed, all forks would draw the same numbers
        for ($i = random_int(1, self::MOST_NUMBERS_SKIPPED); $i > 0; --$i) {
            @lcg_value();
        }
    }

    /**
     * Runs the hooks and the handler, and returns the handler's result. An exception of a hook ends the run as if the
     * handler had thrown it. If an earlier hook throws, the handler is not called.
     *
     * @return mixed
     */
    public function around(TaskRun $run, callable $handle)
    {
        $pid = getmypid();
        $this->stays = [];
        if ($this->isNewFork) {
            $this->call('afterFork', []);
        }
        $this->replaceLost();
        try {
            $this->call('beforeRun', [$run]);
            $returned = $this->withMiddleware($run, $handle);
        } catch (\Throwable $thrown) {
            $this->callAfterRun($run, $thrown, $pid);
            throw $thrown;
        }
        $ofHook = $this->callAfterRun($run, null, $pid);
        if ($ofHook !== null) {
            throw $ofHook;
        }
        return $returned;
    }

    /** @return mixed */
    private function withMiddleware(TaskRun $run, callable $handle)
    {
        $name = $run->getTaskHandlerClass();
        foreach (array_reverse($this->middleware) as [$middleware, $names]) {
            if ($names === [] || in_array($name, $names, true)) {
                $handle = static function (TaskRun $run) use ($middleware, $handle) {
                    return $middleware($run, $handle);
                };
            }
        }
        return $handle($run);
    }

    private function replaceLost(): void
    {
        $lost = $this->connections->takeLost();
        if ($lost !== []) {
            $this->replace($lost);
        }
    }

    /** @param array<\PDO|\mysqli> $lost */
    private function replace(array $lost): void
    {
        if ($this->hooks['onLostConnection'] === []) {
            $this->stays[] = 'a connection that the server has closed meanwhile (there is no hook Worker::onLostConnection() to '
                . 'open it anew): the run is left to another worker';
            throw new Snooze(self::SECONDS_TO_ANOTHER_WORKER);
        }
        foreach ($lost as $connection) {
            $this->call('onLostConnection', [$connection]);
        }
        $this->connections->search($this->roots);
        $this->descriptors->accept();
    }

    /** Calls all hooks, except in a fork that the handler has made. Returns the first exception of a hook. */
    private function callAfterRun(TaskRun $run, ?\Throwable $thrown, int $pid): ?\Throwable
    {
        $first = null;
        foreach (getmypid() === $pid ? $this->hooks['afterRun'] : [] as $hook) {
            try {
                $hook($run, $thrown);
            } catch (\Throwable $ofHook) {
                $this->stays[] = 'what a hook of Worker::afterRun() would have put back';
                $text = get_class($ofHook) . ': ' . $ofHook->getMessage();
                StandardStreams::writeError("PHP: a hook of Worker::afterRun() has thrown $text\n");
                $first = $first ?? $ofHook;
            }
        }
        return $first;
    }

    /** Restores the connections. Returns an error only if a transaction was left open. */
    public function endTransactions(): ?TaskError
    {
        $this->descriptors->look();
        if ($this->connections->haveClosed() || $this->descriptors->countNewConnections() > 0) {
            $this->connections->search($this->roots);
        }
        $found = $this->connections->restore();
        $this->ofRun = [];
        $this->stays = array_merge($this->stays, $found->stays);
        if ($found->locks > 0) {
            StandardStreams::writeError("PHP: the run has left {$found->locks} lock(s) of GET_LOCK, which are released\n");
        }
        if ($found->openTransactions === 0) {
            return null;
        }
        $count = $found->openTransactions;
        StandardStreams::writeError("PHP: the run has left $count transaction(s) open, which are rolled back\n");
        return new TaskError(
            'open_transaction',
            'The handler left a transaction open: it was rolled back, and what it had written is gone.'
        );
    }

    /** @return string[] changes by the run that cannot be restored */
    public function takeRemains(): array
    {
        $stays = $this->stays;
        $this->stays = [];
        return $stays;
    }

    private function call(string $moment, array $arguments): void
    {
        foreach ($this->hooks[$moment] as $hook) {
            $hook(...$arguments);
        }
    }
}
