<?php
// Signs administrators of the CMS in to the pages of the queue: the script that nginx asks (auth_request). It belongs to
// php-fpm and is reached only as nginx/taskqueue-sign-in.conf.template says.

require __DIR__ . '/autoload.php';
ini_set('display_errors', '0');
(new TaskQueue\SignIn\SignIn($_SERVER))->answer($_GET, $_COOKIE);
