<?php
// The address of this site's queue, which must be adapted. The event handlers read this file when one of
// their events comes.

require_once '/usr/local/share/taskqueue/php/autoload.php';

return [
    // Or, where PHP runs as a user who may read the configuration:
    // TaskQueue\Events::overCommandLine('/usr/local/bin/taskqueue', '/etc/taskqueue/taskqueue.ini')
    'Events' => TaskQueue\Events::overHttp('https://www.example.com/taskqueue', '/etc/taskqueue-event.secret'),
    // For `task-queue:OnOpen`, which opens the queue's pages as the administrator who is signed in here.
    'BasePath' => '/taskqueue/',
    'SignInSecret' => '/etc/taskqueue-sign-in.secret',
];
