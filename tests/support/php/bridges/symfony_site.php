<?php
// A Symfony site with the framework of Debian's packages, as module/php/messenger/README.md sets it up.

namespace Shop;

foreach (['Bundle/FrameworkBundle', 'Component/Messenger', 'Component/Serializer', 'Component/Yaml'] as $part) {
    require_once "Symfony/$part/autoload.php";
}
require_once 'Doctrine/DBAL/autoload.php';
require_once __DIR__ . '/messages.php';
require_once __DIR__ . '/site_database.php';

use Doctrine\DBAL\DriverManager;
use Symfony\Bundle\FrameworkBundle\FrameworkBundle;
use Symfony\Component\Config\Loader\LoaderInterface;
use Symfony\Component\DependencyInjection\ContainerBuilder;
use Symfony\Component\DependencyInjection\Reference;
use Symfony\Component\HttpKernel\Kernel;
use TaskQueue\Messenger\TransportFactory;

/** Stands in for Doctrine's bundle, which Debian does not have: a registry with one connection. */
final class SiteRegistry
{
    /** @var \Doctrine\DBAL\Connection|null */
    private $connection;

    public function getConnection(string $name)
    {
        if ($name !== 'default') {
            throw new \InvalidArgumentException("no connection $name");
        }
        return $this->connection ?? ($this->connection = DriverManager::getConnection(\siteDatabase() + ['driver' => 'pdo_mysql']));
    }

    public function getConnections(): array
    {
        return $this->connection === null ? [] : [$this->connection];
    }
}

final class SymfonySite extends Kernel
{
    public function registerBundles(): iterable
    {
        return [new FrameworkBundle()];
    }

    public function getProjectDir(): string
    {
        return $this->getCacheDir();
    }

    public function getCacheDir(): string
    {
        $package = self::package();
        $files = array_merge([__FILE__, "$package/README.md"], glob("$package/src/*.php"));
        return sys_get_temp_dir() . '/taskqueue-symfony-' . posix_getuid() . '-' . md5(implode(array_map('md5_file', $files)));
    }

    public function getLogDir(): string
    {
        return $this->getCacheDir();
    }

    private static function package(): string
    {
        return dirname((new \ReflectionClass(TransportFactory::class))->getFileName(), 2);
    }

    /** Returns a file with the services and the transport that the README describes. */
    private function readme(): string
    {
        preg_match('/^   ```yaml\n(.*?)^   ```/ms', file_get_contents(self::package() . '/README.md'), $block);
        @mkdir($this->getCacheDir(), 0777, true);
        $file = $this->getCacheDir() . '/readme.yaml';
        file_put_contents($file, preg_replace('/^   /m', '', $block[1]));
        return $file;
    }

    public function registerContainerConfiguration(LoaderInterface $loader): void
    {
        $loader->load($this->readme());
        $loader->load(static function (ContainerBuilder $container): void {
            $container->loadFromExtension('framework', ['secret' => 'a secret of the site', 'http_method_override' => false, 'messenger' => [
                'failure_transport' => 'failed',
                'transports' => [
                    'few' => 'taskqueue://default?handler=FewTries&max_retries=2',
                    'strategic' => ['dsn' => 'taskqueue://default?retry=messenger&handler=Strategic',
                        'retry_strategy' => ['max_retries' => 1, 'delay' => 1000, 'multiplier' => 1]],
                    'failed' => 'taskqueue://default?handler=Failed',
                ],
                'routing' => [Twice::class => 'few', Strategic::class => 'strategic', Ending::class => 'few'],
            ]]);
            $container->register('doctrine', SiteRegistry::class);
            foreach ([ImportHandler::class, FirstOfTwice::class, SecondOfTwice::class] as $class) {
                $container->register($class)->addTag('messenger.message_handler');
            }
            $container->register(EndingHandler::class)->setArguments([new Reference('messenger.default_bus')])
                ->addTag('messenger.message_handler', ['handles' => Ending::class])
                ->addTag('messenger.message_handler', ['handles' => Strategic::class]);
            $container->setAlias('public_bus', 'messenger.default_bus')->setPublic(true);
        });
    }
}
