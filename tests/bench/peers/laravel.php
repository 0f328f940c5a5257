<?php
// php laravel.php SOCKET DATABASE JOBS WORKERS runs Laravel's queue with its database driver, from Debian's illuminate
// packages.

foreach (['Container', 'Database', 'Queue', 'Events', 'Support', 'Contracts'] as $part) {
    if (is_file("/usr/share/php/Illuminate/$part/autoload.php")) {
        require_once "/usr/share/php/Illuminate/$part/autoload.php";
    }
}
require __DIR__ . '/workers.php';

final class Nothing
{
    public function fire($job, array $data): void
    {
        Stopwatch::hit();
        $job->delete();
    }
}

final class Complaints implements Illuminate\Contracts\Debug\ExceptionHandler
{
    public function report(Throwable $e)
    {
        fwrite(STDERR, get_class($e) . "\n");
    }

    public function shouldReport(Throwable $e)
    {
        return true;
    }

    public function render($request, Throwable $e)
    {
    }

    public function renderForConsole($output, Throwable $e)
    {
    }
}

[, $socket, $database, $jobs, $workers] = $argv;

$open = static function () use ($socket, $database): array {
    $container = new Illuminate\Container\Container();
    Illuminate\Container\Container::setInstance($container);
    $capsule = new Illuminate\Database\Capsule\Manager($container);
    $capsule->addConnection(['driver' => 'mysql', 'unix_socket' => $socket, 'host' => 'localhost', 'database' => $database,
        'username' => 'root', 'password' => '', 'charset' => 'utf8mb4', 'collation' => 'utf8mb4_unicode_ci', 'prefix' => '']);
    $container->instance('db', $capsule->getDatabaseManager());
    $events = new Illuminate\Events\Dispatcher($container);
    $container->instance('events', $events);
    $container->instance(Illuminate\Contracts\Events\Dispatcher::class, $events);
    $queue = new Illuminate\Queue\Capsule\Manager($container);
    $queue->addConnection(['driver' => 'database', 'table' => 'laravel_jobs', 'queue' => 'default', 'retry_after' => 90]);
    return [$capsule->getConnection(), $queue, $events];
};

[$connection, $queue] = $open();
$connection->statement('DROP TABLE IF EXISTS laravel_jobs');
$connection->getSchemaBuilder()->create('laravel_jobs', static function ($table): void {
    $table->bigIncrements('id');
    $table->string('queue')->index();
    $table->longText('payload');
    $table->unsignedTinyInteger('attempts');
    $table->unsignedInteger('reserved_at')->nullable();
    $table->unsignedInteger('available_at');
    $table->unsignedInteger('created_at');
});
foreach (array_chunk(array_fill(0, (int)$jobs, Nothing::class), 1000) as $some) {
    $queue->getConnection()->bulk($some, ['to' => 'user@example.com', 'subject' => 'hello']);
}
$connection->disconnect();

printRate((int)$workers, (int)$jobs, static function () use ($open): void {
    [, $queue, $events] = $open();
    $worker = new Illuminate\Queue\Worker($queue->getQueueManager(), $events, new Complaints(), static fn (): bool => false);
    $options = new Illuminate\Queue\WorkerOptions('default', 0, 128, 60, 0, 1, false, true);
    $worker->daemon('default', 'default', $options);
});
[$connection] = $open();
$connection->statement('DROP TABLE laravel_jobs');
