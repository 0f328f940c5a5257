<?php

namespace TaskQueue\Worker;

use TaskQueue\Snooze;
use TaskQueue\TaskError;
use TaskQueue\TaskRun;

/** The hooks and watched connections that the bootstrap file has registered. */
final class Site
{
    private const SECONDS_TO_ANOTHER_WORKER = 1;
    private const MOST_NUMBERS_SKIPPED = 1000;  // of lcg_value(), which cannot be seeded

    /** @var WatchedConnections */
    private $connections;
    /** @var array<string, callable[]> by their moment */
    private $hooks = ['beforeRun' => [], 'afterRun' => [], 'onLostConnection' => [], 'afterFork' => []];
    /** @var bool outside of a worker nothing is registered */
    private $isInWorker = false;
    /** @var bool */
    private $isLoaded = false;
    /** @var bool */
    private $isNewFork = false;
    /** @var array where the search for connections begins, besides what PHP lists */
    private $roots = [];
    /** @var Descriptors|null */
    private $descriptors;
    /** @var string[] */
    private $stays = [];

    public function __construct()
    {
        $this->connections = new WatchedConnections();
    }

    /** A worker is about to load the bootstrap file. */
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

    /** The bootstrap file has ended. */
    public function load(HandlerList $handlers, bool $fork): ?string
    {
        $this->isLoaded = true;
        $this->roots = [$handlers, $this->hooks, spl_autoload_functions()];
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
        mt_srand();  // all forks would draw the same numbers
        for ($i = random_int(1, self::MOST_NUMBERS_SKIPPED); $i > 0; --$i) {
            @lcg_value();
        }
    }

    /**
     * What the handler returns. What a hook throws ends the run as if the handler had thrown it; the handler is not called
     * then.
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
            $returned = $handle();
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

    /** All hooks are called, but in a fork that the handler has made. Returns the first exception of one. */
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

    /** Puts the connections back. The error is null unless a transaction was left open. */
    public function endTransactions(): ?TaskError
    {
        $this->descriptors->look();
        if ($this->connections->haveClosed() || $this->descriptors->countNewConnections() > 0) {
            $this->connections->search($this->roots);
        }
        $found = $this->connections->restore();
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

    /** @return string[] what the run has left that cannot be put back */
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
