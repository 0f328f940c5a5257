<?php
// Loads the classes of this package and of its bridges, for sites without Composer.

spl_autoload_register(static function (string $class): void {
    $folders = ['TaskQueue\\Messenger\\' => 'messenger/src/', 'TaskQueue\\Laravel\\' => 'laravel/src/', 'TaskQueue\\' => 'src/'];
    foreach ($folders as $prefix => $folder) {
        if (strncmp($class, $prefix, strlen($prefix)) === 0) {
            $file = __DIR__ . "/$folder" . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
            if (is_file($file)) {
                require $file;
            }
            return;
        }
    }
});
