<?php
// Signs administrators of the CMS in to the queue's pages. nginx calls this script through auth_request. It runs under
// php-fpm and is reachable only as nginx/taskqueue-sign-in.conf.template says.

require __DIR__ . '/autoload.php';
ini_set('display_errors', '0');
(new TaskQueue\SignIn\SignIn($_SERVER))->answer($_GET, $_COOKIE);
