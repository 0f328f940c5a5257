<?php
// Shared by the PHP tests: a check that ends the program on failure, and the stack's database.

use TaskQueue\ClientError;

function check(bool $holds, string $what): void
{
    if (!$holds) {
        file_put_contents('php://stderr', "does not hold: $what\n");
        exit(1);
    }
}

function refused(callable $action, string $part): void
{
    try {
        $action();
    } catch (ClientError $error) {
        check(strpos($error->getMessage(), $part) !== false, "'{$error->getMessage()}' speaks of $part");
        return;
    }
    check(false, "refused for $part");
}

function connect(array $options = [], string $charset = 'utf8mb4'): PDO
{
    return new PDO(
        'mysql:unix_socket=' . getenv('DB_SOCKET') . ';dbname=' . getenv('DB_NAME') . ";charset=$charset",
        getenv('DB_USER'),
        getenv('DB_PASSWORD'),
        $options + [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]
    );
}
