<?php
// php symfony.php SOCKET DATABASE JOBS WORKERS runs Symfony Messenger with its Doctrine transport, from Debian.

require '/usr/share/php/Doctrine/DBAL/autoload.php';
require '/usr/share/php/Symfony/Component/Messenger/autoload.php';
require '/usr/share/php/Symfony/Component/Messenger/Bridge/Doctrine/autoload.php';
require '/usr/share/php/Symfony/Component/EventDispatcher/autoload.php';
require __DIR__ . '/workers.php';

use Symfony\Component\EventDispatcher\EventDispatcher;
use Symfony\Component\Messenger\Bridge\Doctrine\Transport\Connection;
use Symfony\Component\Messenger\Bridge\Doctrine\Transport\DoctrineTransport;
use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Event\WorkerRunningEvent;
use Symfony\Component\Messenger\Handler\HandlersLocator;
use Symfony\Component\Messenger\MessageBus;
use Symfony\Component\Messenger\Middleware\HandleMessageMiddleware;
use Symfony\Component\Messenger\Transport\Serialization\PhpSerializer;
use Symfony\Component\Messenger\Worker;

final class Nothing
{
    public string $to = 'user@example.com';
    public string $subject = 'hello';
}

[, $socket, $database, $jobs, $workers] = $argv;

$open = static function () use ($socket, $database): array {
    $connection = Doctrine\DBAL\DriverManager::getConnection(['driver' => 'pdo_mysql', 'unix_socket' => $socket,
        'dbname' => $database, 'user' => 'root', 'charset' => 'utf8mb4']);
    $messages = new Connection(['table_name' => 'symfony_messages', 'auto_setup' => false], $connection);
    return [$connection, $messages, new DoctrineTransport($messages, new PhpSerializer())];
};

[$connection, $messages, $transport] = $open();
$connection->executeStatement('DROP TABLE IF EXISTS symfony_messages');
$messages->setup();
$connection->beginTransaction();
for ($i = 0; $i < (int)$jobs; ++$i) {
    $transport->send(new Envelope(new Nothing()));
}
$connection->commit();
$connection->close();

printRate((int)$workers, (int)$jobs, static function () use ($open): void {
    $bus = new MessageBus([new HandleMessageMiddleware(new HandlersLocator([Nothing::class => [
        static function (Nothing $message): void {
            Stopwatch::hit();
        },
    ]]))]);
    $events = new EventDispatcher();
    $events->addListener(WorkerRunningEvent::class, static function (WorkerRunningEvent $event): void {
        if ($event->isWorkerIdle()) {
            $event->getWorker()->stop();
        }
    });
    // A deadlock ends the worker; a supervisor would restart it.
    for ($left = true; $left;) {
        try {
            (new Worker(['it' => $open()[2]], $bus, $events))->run(['sleep' => 1000]);
            $left = false;
        } catch (Throwable $problem) {
            fwrite(STDERR, get_class($problem) . "\n");
        }
    }
});
[$connection] = $open();
$connection->executeStatement('DROP TABLE symfony_messages');
