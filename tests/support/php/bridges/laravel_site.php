<?php
// A Laravel site of Debian's packages, which have the parts of Laravel and no application.

namespace App;

foreach (['Bus', 'Container', 'Database', 'Events', 'Queue', 'Support'] as $part) {
    require_once "Illuminate/$part/autoload.php";
}
require_once __DIR__ . '/jobs.php';
require_once __DIR__ . '/site_database.php';

use Illuminate\Bus\BusServiceProvider;
use Illuminate\Container\Container;
use Illuminate\Contracts\Container\Container as ContainerContract;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Queue\Factory;
use Illuminate\Database\Capsule\Manager;
use Illuminate\Database\Connection;
use Illuminate\Database\Connectors\ConnectionFactory;
use Illuminate\Database\DatabaseTransactionsManager;
use Illuminate\Events\EventServiceProvider;
use Illuminate\Queue\QueueServiceProvider;
use Illuminate\Support\Facades\Facade;
use Illuminate\Support\Fluent;
use TaskQueue\Laravel\TaskQueueServiceProvider;

/** Stands in for Laravel's own handler of exceptions. */
final class ReportedExceptions implements ExceptionHandler
{
    /** @var \Throwable[] */
    public $reported = [];

    public function report(\Throwable $e): void
    {
        $this->reported[] = $e;
    }

    public function shouldReport(\Throwable $e): bool
    {
        return true;
    }

    public function render($request, \Throwable $e)
    {
        throw $e;
    }

    public function renderForConsole($output, \Throwable $e): void
    {
    }
}

final class LaravelSite extends Container
{
    public function isDownForMaintenance(): bool
    {
        return false;
    }

    public static function boot(): self
    {
        $site = new self();
        self::setInstance($site);
        Facade::setFacadeApplication($site);
        $site->instance(ContainerContract::class, $site);
        $site->instance('config', new Fluent([
            'app.key' => 'a key of the site',
            'queue.default' => 'taskqueue',
            'queue.connections.taskqueue' => ['driver' => 'taskqueue', 'jobs' => [Jobs\ImportOrders::class]],
            'queue.failed' => ['driver' => 'database-uuids', 'database' => 'default', 'table' => 'failed_jobs'],
        ]));
        $site->instance('db.transactions', new DatabaseTransactionsManager());
        $site->singleton(ExceptionHandler::class, ReportedExceptions::class);
        $manager = new Manager($site);
        $manager->addConnection([]);
        $manager->getDatabaseManager()->extend('default', static function (array $config, string $name) use ($site): Connection {
            $database = \siteDatabase();
            return (new ConnectionFactory($site))->make(['driver' => 'mysql', 'host' => 'localhost', 'unix_socket' => $database['unix_socket'],
                'database' => $database['dbname'], 'username' => $database['user'], 'password' => $database['password'],
                'charset' => 'utf8mb4', 'collation' => 'utf8mb4_unicode_ci'], $name);
        });
        $site->instance('db', $manager->getDatabaseManager());
        foreach ([EventServiceProvider::class, BusServiceProvider::class, QueueServiceProvider::class, TaskQueueServiceProvider::class] as $provider) {
            (new $provider($site))->register();
        }
        $site->alias('queue', Factory::class);
        $site->scoped('visits', \ArrayObject::class);
        $site->alias('events', \Illuminate\Contracts\Events\Dispatcher::class);
        return $site;
    }
}
