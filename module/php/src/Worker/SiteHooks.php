<?php

namespace TaskQueue\Worker;

use TaskQueue\Event\RunEnds;
use TaskQueue\Event\RunStarts;
use TaskQueue\TaskRun;

/** The functions for the bootstrap file. Outside a worker they do nothing, so a page can load the same file. */
trait SiteHooks
{
    /** @var Site|null */
    private static $site;

    /**
     * Watches a connection. If a run leaves a transaction open on it, the transaction is rolled back and the run ends
     * as an error. Connections that the bootstrap file keeps in variables are found automatically. A connection that a
     * run watches stays open until the end of that run, also if only a local variable of the handler had it.
     *
     * @param \PDO|\mysqli $connection
     */
    public static function watch($connection): void
    {
        self::site()->watch($connection);
    }

    /**
     * Registers a function that is called before each run. If it throws, the run ends as if its handler had thrown.
     *
     * @param callable(TaskRun): void $hook
     */
    public static function beforeRun(callable $hook): void
    {
        self::site()->addHook('beforeRun', $hook);
    }

    /**
     * Registers a function that is called after each run with the handler's exception, but not if the process ends with
     * the run. If it throws, a success becomes an error, and the worker ends after this run.
     *
     * @param callable(TaskRun, ?\Throwable): void $hook
     */
    public static function afterRun(callable $hook): void
    {
        self::site()->addHook('afterRun', $hook);
    }

    /**
     * Registers a function that is called before a run, for each watched connection that the server has closed. It must
     * reconnect. Without such a function, the run is left to another worker.
     *
     * @param callable(\PDO|\mysqli): void $hook
     */
    public static function onLostConnection(callable $hook): void
    {
        self::site()->addHook('onLostConnection', $hook);
    }

    /**
     * Registers a function that is called in each process that --fork makes for a run, before beforeRun. It reopens
     * connections that processes must not share.
     *
     * @param callable(): void $hook
     */
    public static function afterFork(callable $hook): void
    {
        self::site()->addHook('afterFork', $hook);
    }

    /**
     * Registers a function around the handler: it is called with the run and with `$next`, calls `$next($run)`, and
     * returns what that has returned. The first registered is the outermost. It runs between beforeRun and afterRun.
     *
     * @param callable(TaskRun, callable(TaskRun): mixed): mixed $middleware
     * @param string ...$handlers names of the handlers that it is for; none: all
     */
    public static function middleware(callable $middleware, string ...$handlers): void
    {
        self::site()->addMiddleware($middleware, $handlers);
    }

    /**
     * Dispatches the events of TaskQueue\Event around each run. They are hooks of beforeRun and afterRun.
     *
     * @param object $dispatcher a PSR-14 dispatcher: it has a method dispatch(object $event)
     */
    public static function dispatchTo(object $dispatcher): void
    {
        if (!is_callable([$dispatcher, 'dispatch'])) {
            throw new \InvalidArgumentException('Worker::dispatchTo() takes an event dispatcher with a method dispatch()');
        }
        self::beforeRun(static function (TaskRun $run) use ($dispatcher): void {
            $dispatcher->dispatch(new RunStarts($run));
        });
        self::afterRun(static function (TaskRun $run, ?\Throwable $thrown) use ($dispatcher): void {
            $dispatcher->dispatch(new RunEnds($run, $thrown));
        });
    }

    private static function site(): Site
    {
        return self::$site ?? (self::$site = new Site());
    }
}
