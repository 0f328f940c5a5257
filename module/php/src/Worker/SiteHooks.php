<?php

namespace TaskQueue\Worker;

use TaskQueue\TaskRun;

/** What a bootstrap file may call. Outside of a worker it has no effect, so that a site can load the same file for a page. */
trait SiteHooks
{
    /** @var Site|null */
    private static $site;

    /**
     * A transaction that a run leaves open on this connection is rolled back, and the run becomes an error that says so.
     * Connections that the bootstrap file keeps in variables are found without it.
     *
     * @param \PDO|\mysqli $connection
     */
    public static function watch($connection): void
    {
        self::site()->watch($connection);
    }

    /**
     * Called before each run. What it throws ends the run as if its handler had thrown it.
     *
     * @param callable(TaskRun): void $hook
     */
    public static function beforeRun(callable $hook): void
    {
        self::site()->addHook('beforeRun', $hook);
    }

    /**
     * Called after each run, with what its handler has thrown; not when the process ends with the run. What it throws makes
     * a success an error, and the worker ends after this run.
     *
     * @param callable(TaskRun, ?\Throwable): void $hook
     */
    public static function afterRun(callable $hook): void
    {
        self::site()->addHook('afterRun', $hook);
    }

    /**
     * Called before a run with each watched connection that the server has closed meanwhile, so that the site opens it
     * anew. Without such a hook the run is left to another worker.
     *
     * @param callable(\PDO|\mysqli): void $hook
     */
    public static function onLostConnection(callable $hook): void
    {
        self::site()->addHook('onLostConnection', $hook);
    }

    /**
     * Called in each process that --fork makes for a run, before beforeRun: opens anew what must not be shared.
     *
     * @param callable(): void $hook
     */
    public static function afterFork(callable $hook): void
    {
        self::site()->addHook('afterFork', $hook);
    }

    private static function site(): Site
    {
        return self::$site ?? (self::$site = new Site());
    }
}
