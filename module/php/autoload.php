<?php
// Loads the classes of this package for sites without Composer.

spl_autoload_register(static function (string $class): void {
    $prefix = 'TaskQueue\\';
    if (strncmp($class, $prefix, strlen($prefix)) !== 0) {
        return;
    }
    $file = __DIR__ . '/src/' . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
    if (is_file($file)) {
        require $file;
    }
});
