<?php
// State that one run of a PHP worker could leave to the next: php worker_state_test.php. Prints "ok" and exits with 0, or
// names the first failure. Every run finds the state after the bootstrap file, in the same worker or a new one.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';

$bootstrap = __DIR__ . '/worker_state_handlers.php';
$worker = new HostedWorker($bootstrap);
$do = static function (string $code) use (&$worker): array {
    $said = $worker->endOf('Does', ['do' => $code]);
    check($said['type'] === 'result', "$code: " . json_encode($said));
    return $said;
};

// State that is restored: the worker continues, and the next run sees the same as the first. [change by a run, code that
// reads it]
$restored = [
    'superglobals' => ['$_SERVER["x"] = 1; $_GET["y"] = [2]; $_POST = [3]; $_COOKIE["c"] = 4; $_FILES = 5; $_REQUEST["r"] = 6; $_ENV["e"] = 7;'
        . ' $_SERVER["REQUEST_TIME"] = 8;', '[$_SERVER, $_GET, $_POST, $_COOKIE, $_FILES, $_REQUEST, $_ENV]'],
    'a reference to a superglobal' => ['$GLOBALS["kept"] = &$_GET; $_GET["z"] = 1;', '$_GET'],
    'an open session' => ['ini_set("session.use_cookies", "0"); session_save_path(sys_get_temp_dir()); session_start(); $_SESSION["user"] = 5;',
        '[session_status(), session_id(), $_SESSION ?? null, ini_get("session.use_cookies"), session_save_path()]'],
    'a session without an end' => ['$_SESSION = ["user" => 5];', 'isset($_SESSION)'],
    'encodings' => ['mb_internal_encoding("EUC-JP"); mb_http_output("SJIS"); mb_language("ja"); mb_substitute_character("long");'
        . ' mb_detect_order(["EUC-JP", "UTF-8"]); mb_regex_encoding("EUC-JP"); mb_regex_set_options("x");',
        '[mb_internal_encoding(), mb_http_output(), mb_language(), mb_substitute_character(), mb_detect_order(), mb_regex_encoding(),'
        . ' mb_regex_set_options(), mb_strlen("ü")]'],
    'iconv' => ['ini_set("iconv.internal_encoding", "ISO-8859-1"); ini_set("default_charset", "ISO-8859-1");', 'iconv_get_encoding("all")'],
    'bcscale' => ['bcscale(7);', '[bcscale(), bcdiv("1", "3")]'],
    'gc' => ['gc_disable();', 'gc_enabled()'],
    'assertions' => ['assert_options(ASSERT_CALLBACK, function () {}); assert_options(ASSERT_EXCEPTION, 0);',
        '[assert_options(ASSERT_CALLBACK), assert_options(ASSERT_EXCEPTION)]'],
    'libxml' => ['libxml_use_internal_errors(true);', 'libxml_use_internal_errors()'],
    'the loader of entities' => ['libxml_set_external_entity_loader(function () { return "/etc/passwd"; });',
        'function_exists("libxml_get_external_entity_loader") ? libxml_get_external_entity_loader() === null : true'],
    'errors of openssl' => ['openssl_pkey_get_private("no key");', 'openssl_error_string()'],
    'the text domain' => ['textdomain("shop");', 'textdomain(null)'],
    'the wrapper file' => ['stream_wrapper_unregister("file");', '[stream_get_wrappers(), is_file("/etc/passwd")]'],
    'a wrapper in the place of another' => ['stream_wrapper_unregister("http"); stream_wrapper_register("http", "Remains");',
        '[stream_get_wrappers(), @fopen("http://127.0.0.1:1/", "r")]'],
    'a new wrapper' => ['stream_wrapper_register("shop", "Remains");', 'stream_get_wrappers()'],
    'an option of the default context' => ['stream_context_set_default(["http" => ["user_agent" => "other"]]);',
        'stream_context_get_options(stream_context_get_default())'],
    'an autoloader' => ['spl_autoload_register(function ($class) { throw new LogicException($class); }, true, true);',
        '[count(spl_autoload_functions()), class_exists("NoSuchClass")]'],
    'an autoloader less' => ['array_map("spl_autoload_unregister", spl_autoload_functions());',
        '[count(spl_autoload_functions()), class_exists("OfTheSite")]'],
    'the report of mysqli' => ['mysqli_report(MYSQLI_REPORT_OFF);', '(new mysqli_driver())->report_mode'],
    'asynchronous signals' => ['pcntl_async_signals(true);', 'pcntl_async_signals()'],
    'blocked signals' => ['pcntl_sigprocmask(SIG_BLOCK, [SIGTERM, SIGUSR2]);', '(function () { pcntl_sigprocmask(SIG_BLOCK, [], $old); return $old; })()'],
    'an ignored signal' => ['pcntl_signal(SIGPIPE, function () {});', 'preg_match("/SigIgn.*/", file_get_contents("/proc/self/status"), $m) ? $m[0] : 0'],
    'the title of the process' => ['cli_set_process_title("other");', 'cli_get_process_title()'],
    'the last error' => ['@trigger_error("old", E_USER_NOTICE); set_error_handler(null); @$undefined["x"];', 'error_get_last()'],
    'the place of strtok' => ['strtok("a,b,c", ",");', 'strtok(",")'],
    'what is known of files' => ['touch("/tmp/taskqueue-php-stat"); is_file("/tmp/taskqueue-php-stat"); exec("rm /tmp/taskqueue-php-stat");',
        'is_file("/tmp/taskqueue-php-stat")'],
    'a stream that does not wait' => ['stream_set_blocking(STDOUT, false);', 'stream_get_meta_data(STDOUT)["blocked"]'],
    'a soft limit' => ['posix_setrlimit(POSIX_RLIMIT_NOFILE, 64, posix_getrlimit()["hard openfiles"]);', 'posix_getrlimit()["soft openfiles"]'],
    'a header' => ['header("X-Shop: 1"); http_response_code(404);', '[headers_list(), http_response_code() === 404]'],
];
foreach ($restored as $what => [$change, $look]) {
    $pid = $worker->pid();
    $before = $do("return $look;")['Results'] ?? null;
    $said = $do($change . ' return 1;');
    check(!isset($said['last']), "$what: the worker goes on: " . $worker->output('stderr'));
    $after = $do("return $look;")['Results'] ?? null;
    check($after === $before, "$what: " . json_encode($after) . ' was ' . json_encode($before));
}
check($do('$known = []; for ($seed = 7; count($known) < 3; ++$seed) { mt_srand($seed); $known[] = mt_rand(); } mt_srand(7); return $known[0];')['Results']
    !== $do('return mt_rand();')['Results'], 'the seed of an earlier run');

// State that cannot be restored: the worker ends after the run, with a message. [change by a run, message]
$ending = [
    'a filter of streams' => ['stream_filter_register("shop", "php_user_filter");', 'a filter of streams'],
    'a new option of the default context' => ['stream_context_set_default(["ssl" => ["verify_peer" => false]]);', 'the default context'],
    'an open file' => ['$GLOBALS["left"] = fopen("/tmp/taskqueue-php-left", "w"); unlink("/tmp/taskqueue-php-left");', 'left open'],
    'a locked log' => ['$GLOBALS["left"] = fopen("/tmp/taskqueue-php-log", "a"); flock($GLOBALS["left"], LOCK_EX); unlink("/tmp/taskqueue-php-log");',
        'left open'],
    'standard input closed' => ['fclose(STDIN); $GLOBALS["left"] = fopen("/dev/zero", "r");', 'descriptor 0'],
    'a file of the bootstrap closed' => ['fclose($GLOBALS["openOfBootstrap"]);', 'no longer open'],
    'many connections' => ['for ($i = 0; $i < 10; ++$i) { $GLOBALS["left"][] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0); }',
        'the number of its connections'],
    'an autoloader of a loaded file' => ['file_put_contents($f = "/tmp/taskqueue-php-loads.php", "<?php spl_autoload_register(function () {});"); require $f;'
        . ' unlink($f);', 'an autoloader'],
];
if (extension_loaded('FFI')) {
    $ending['what no function of PHP reads'] = [
        'FFI::cdef("int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long);")->prctl(38, 1, 0, 0, 0);', 'NoNewPrivs: 1'];
    foreach ([0 => 1, 1 => 2] as $number => $other) {
        $ending["the descriptor $number replaced by dup2()"] = ["FFI::cdef('int dup2(int, int);')->dup2($other, $number);", "the descriptor $number, which is no longer"];
    }
}
if (posix_getuid() === 0) {
    $ending['the user'] = ['posix_seteuid(65534);', 'Uid:'];
    $ending['the group'] = ['posix_setegid(65534);', 'Gid:'];
    $ending['the root directory'] = ['chroot("/tmp");', 'the root directory'];
}
foreach ($ending as $what => [$change, $part]) {
    $worker = new HostedWorker($bootstrap);
    $said = $do($change . ' return 1;');
    $told = $worker->output('stderr');
    check(($said['last'] ?? false) === true && $worker->ends(), "$what: ends the worker: $told");
    check(strpos($told, 'cannot put back') !== false && strpos($told, $part) !== false, "$what: is told: $told");
}
if (extension_loaded('FFI')) {  // the message goes where descriptor 2 leads now
    $worker = new HostedWorker($bootstrap);
    $said = $do('FFI::cdef("int dup2(int, int);")->dup2(1, 2); return 1;');
    check(($said['last'] ?? false) === true && strpos($worker->output('stdout'), 'the descriptor 2, which is no longer') !== false, 'descriptor 2');
}

// Whether a limit or the niceness can be restored depends on privileges; if it cannot, the worker ends.
foreach (['posix_setrlimit(POSIX_RLIMIT_NOFILE, 64, 64);' => 'posix_getrlimit()["hard openfiles"]', 'proc_nice(5);' => 'pcntl_getpriority()'] as $change => $look) {
    $worker = new HostedWorker($bootstrap);
    $before = $do("return $look;")['Results'];
    if (($do($change . ' return 1;')['last'] ?? false) !== true) {
        check($do("return $look;")['Results'] === $before, "$change is put back");
    } else {
        check($worker->ends(), "$change ends the worker");
    }
}

// State that a persistent worker should keep stays, as does harmless state.
$worker = new HostedWorker($bootstrap);
$kept = [
    'a connection' => ['$GLOBALS["open"] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);', 'is_resource($GLOBALS["open"][0])', true],
    'a log' => ['$GLOBALS["log"] = fopen("/tmp/taskqueue-php-kept-log", "a"); unlink("/tmp/taskqueue-php-kept-log");', 'fwrite($GLOBALS["log"], "line")', 4],
    'a static variable' => ['Counter::next();', 'Counter::next()', 2],
    'a class' => ['class_exists("OfTheSite");', 'class_exists("OfTheSite", false)', true],
    'a file that was read' => ['file_get_contents("/etc/passwd"); random_bytes(4); fclose(fopen("/etc/passwd", "r")); exec("true");', '1', 1],
    'a caught signal' => ['pcntl_signal(SIGUSR1, function () {}); posix_kill(getmypid(), SIGUSR1); pcntl_signal_dispatch();', '1', 1],
];
foreach ($kept as $what => [$change, $look, $expected]) {
    $said = $do($change . ' return 1;');
    check(!isset($said['last']), "$what: the worker goes on: " . $worker->output('stderr'));
    check($do("return $look;")['Results'] === $expected, "$what: stays");
}

// The time limit of the bootstrap file applies to each run, and not to the time between two.
foreach ([1, 2] as $time) {
    check($do('return ini_get("max_execution_time");')['Results'] === '30', "the time limit of run $time");
}
echo "ok\n";
