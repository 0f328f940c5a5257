<?php
// The bootstrap file of a worker that serves a Symfony site and a Laravel site.

require_once __DIR__ . '/symfony_site.php';

$symfony = new Shop\SymfonySite('prod', false);
$symfony->boot();
$ofSymfony = $symfony->getContainer()->get(TaskQueue\Messenger\Handlers::class)->of('async', 'few', 'strategic');
return $ofSymfony + TaskQueue\Laravel\Bootstrap::handlers(__DIR__ . '/laravel_app.php', 'taskqueue');
