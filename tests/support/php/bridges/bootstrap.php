<?php
// The bootstrap file of a worker that serves a Symfony site.

require_once __DIR__ . '/symfony_site.php';

$symfony = new Shop\SymfonySite('prod', false);
$symfony->boot();
return $symfony->getContainer()->get(TaskQueue\Messenger\Handlers::class)->of('async', 'few', 'strategic');
