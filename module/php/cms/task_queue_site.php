<?php
// The address of this site's queue. Adapt it. The event handlers read this file for each of their events.

require_once '@DATADIR@/php/autoload.php';

return [
    // This is the alternative if PHP's user may read the configuration:
    // TaskQueue\Events::overCommandLine('@BINDIR@/taskqueue', '/etc/taskqueue/taskqueue.ini')
    'Events' => TaskQueue\Events::overHttp('https://www.example.com/taskqueue', '/etc/taskqueue/site/event.secret'),
    // `task-queue:OnOpen` opens the queue's pages as the administrator who is signed in here. It needs this:
    'BasePath' => '/taskqueue/',
    'SignInSecret' => '/etc/taskqueue-sign-in.secret',
];
