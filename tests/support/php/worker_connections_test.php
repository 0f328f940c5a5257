<?php
// How a PHP worker treats the site's database connections, on a private MariaDB server: php worker_connections_test.php.
// Prints "ok" and exits with 0, or names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/hosted_worker.php';
require __DIR__ . '/database_server.php';

$server = new DatabaseServer();
$outside = $server->connect();
$file = tempnam(sys_get_temp_dir(), 'taskqueue-php-');
register_shutdown_function('unlink', $file);
// Starts a worker whose bootstrap file is this code; makes($class) opens a connection, by default with PDO.
$load = static function (string $code, string ...$options) use ($file, $server): HostedWorker {
    file_put_contents($file, '<?php require_once ' . var_export(__DIR__ . '/worker_handlers.php', true) . ';
        use TaskQueue\Worker\Worker;
        while (ob_get_level() > 0) ob_end_clean();
        function opens(string $class = "PDO", array $options = []) {
            return $class === "mysqli" ? new mysqli("localhost", "root", "", "site", 0, "' . $server->socket() . '")
                : new $class("mysql:unix_socket=' . $server->socket() . ';dbname=site", "root", "", $options + [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
        }
        function idOf($c) { return $c instanceof PDO ? $c->query("SELECT CONNECTION_ID()")->fetchColumn() : $c->thread_id; }
        ' . $code . ' return [Does::class];');
    return new HostedWorker($file, $options);
};
$rows = static function () use ($outside): int {
    return (int)$outside->query('SELECT COUNT(*) FROM t')->fetchColumn();
};
$isOpenTransaction = static function (HostedWorker $worker, string $code, string $what) use ($rows): void {
    $said = $worker->endOf('Does', ['do' => $code]);
    $shown = json_encode($said) . $worker->output('stderr');
    check($said['type'] === 'error' && $said['ErrorCode'] === 'open_transaction', "$what: the run is an error: $shown");
    check(strpos($said['ErrorMessage'], 'rolled back') !== false && !isset($said['last']), "$what: says so: $shown");
    check($rows() === 0, "$what: nothing is written");
};
$succeeds = static function (HostedWorker $worker, string $code, $results, string $what): void {
    $said = $worker->endOf('Does', ['do' => $code]);
    $shown = json_encode($said) . $worker->output('stderr');
    check($said['type'] === 'result' && ($said['Results'] ?? null) === $results && !isset($said['last']), "$what: $shown");
};

// An open transaction is an error of its run, wherever the bootstrap file stores the connection.
$places = [
    'a global variable' => ['$GLOBALS["db"] = opens();', '$GLOBALS["db"]'],
    'a static property' => ['final class Db { private static $c; static function set($c) { self::$c = $c; } static function get() { return self::$c; } } Db::set(opens());', 'Db::get()'],
    'an object of a static variable' => ['function db() { static $box; return ($box = $box ?? (object)["c" => opens()])->c; } db();', 'db()'],
    'a closure' => ['$c = opens(); $GLOBALS["get"] = static function () use ($c) { return $c; }; unset($c);', '$GLOBALS["get"]()'],
    'an ArrayObject' => ['$GLOBALS["box"] = $box = new ArrayObject(["c" => opens()]);', '$GLOBALS["box"]["c"]'],
    'what only watch() is told of' => ['$GLOBALS["box"] = $box = new SplObjectStorage(); $box->attach($c = opens()); Worker::watch($c); unset($c);',
        '(function () { foreach ($GLOBALS["box"] as $c) return $c; })()'],
    'one that the run opens and that stays' => ['function db() { static $c; return $c = $c ?? opens(); }', 'db()'],
    'mysqli' => ['$GLOBALS["db"] = opens("mysqli");', '$GLOBALS["db"]'],
    'PDO without exceptions' => ['$GLOBALS["db"] = opens("PDO", [PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT, PDO::ATTR_CASE => PDO::CASE_UPPER, PDO::ATTR_ORACLE_NULLS => PDO::NULL_TO_STRING]);', '$GLOBALS["db"]'],
    'a class that extends PDO' => ['final class Logs extends PDO { #[ReturnTypeWillChange] function query(...$a) { throw new LogicException("logged"); } } $GLOBALS["db"] = opens("Logs");', '$GLOBALS["db"]'],
    'a class that wraps PDO and extends it' => ['final class Traces extends PDO { public $inner; function __construct($c) { $this->inner = $c; } }'
        . ' $GLOBALS["db"] = new Traces(opens());', '$GLOBALS["db"]->inner'],
    'PDO with prepared statements of the server' => ['$GLOBALS["db"] = opens("PDO", [PDO::ATTR_EMULATE_PREPARES => false, PDO::MYSQL_ATTR_USE_BUFFERED_QUERY => false]);', '$GLOBALS["db"]'],
];
// A connection of a local variable is closed when the handler returns, unless the run has watched it.
$worker = $load('');
$local = '$db = opens(); %s $db->beginTransaction(); $db->exec("INSERT INTO t VALUES (1)"); return 1;';
$isOpenTransaction($worker, sprintf($local, 'TaskQueue\\Worker\\Worker::watch($db);'), 'a local variable that the run watches');
$succeeds($worker, sprintf($local, '') , 1, 'a local variable that it does not watch');
check($rows() === 0, 'nothing of it is written');
foreach ($places as $what => [$code, $get]) {
    $worker = $load($code);
    $isMysqli = $what === 'mysqli';
    $query = $isMysqli ? 'query' : 'exec';
    $insert = "\$db->$query('INSERT INTO t VALUES (1)'); return 1;";
    $isOpenTransaction($worker, "\$db = $get; \$db->" . ($isMysqli ? 'begin_transaction' : 'beginTransaction') . "(); $insert", "$what: begun by the driver");
    $isOpenTransaction($worker, "\$db = $get; \$db->$query('START TRANSACTION'); $insert", "$what: begun in SQL");
    $isOpenTransaction($worker, "\$db = $get; \$db->$query('SET autocommit = 0'); $insert", "$what: without autocommit");
    $succeeds($worker, "\$db = $get; $insert", 1, "$what: the next run writes");
    check($rows() === 1, "$what: and what it wrote is there");
    $outside->exec('DELETE FROM t');
    $succeeds($worker, "\$db = $get; \$db->$query('START TRANSACTION'); \$db->$query('INSERT INTO t VALUES (1)'); \$db->$query('COMMIT'); return 2;", 2,
        "$what: a transaction that was committed");
    check($rows() === 1, "$what: is there");
    $outside->exec('DELETE FROM t');
    $said = $worker->endOf('Does', ['do' => "\$db = $get; \$db->$query('START TRANSACTION'); throw new DomainException('of the run');"]);
    check($said['ErrorCode'] === 'DomainException', "$what: a run that fails keeps its error");
    check(strpos($worker->output('stderr'), 'left 1 transaction(s) open, which are rolled back') !== false, "$what: the transaction is told");
    $asks = $isMysqli ? '$answer = $db->query("SELECT @@in_transaction")->fetch_row()[0];'
        : '$statement = $db->prepare("SELECT @@in_transaction"); $statement->execute(); $answer = $statement->fetchColumn();';
    $succeeds($worker, "\$db = $get; $asks return (int)\$answer;", 0, "$what: none is open");
}

$worker = $load('$GLOBALS["db"] = opens();');
$isOpenTransaction($worker, '$GLOBALS["db"] = null; $GLOBALS["db"] = opens(); $GLOBALS["db"]->beginTransaction(); $GLOBALS["db"]->exec("INSERT INTO t VALUES (1)");'
    . ' return 1;', 'one that the run opens in the place of another');

// State that survives ROLLBACK ends the worker.
$worker = $load('$GLOBALS["db"] = opens();');
$said = $worker->endOf('Does', ['do' => '$GLOBALS["db"]->exec("XA START \'x\'"); $GLOBALS["db"]->exec("INSERT INTO t VALUES (1)"); return 1;']);
check($said['type'] === 'error' && $said['ErrorCode'] === 'open_transaction' && $said['last'] === true, 'an open XA transaction: ' . json_encode($said));

// The session settings stay as the bootstrap file left them.
$worker = $load('$GLOBALS["db"] = opens(); $GLOBALS["db"]->exec("SET sql_mode = \'ANSI\', time_zone = \'+03:00\'"); $GLOBALS["my"] = opens("mysqli"); $GLOBALS["my"]->set_charset("utf8mb4");');
$session = '[$GLOBALS["db"]->query("SELECT @@sql_mode, @@time_zone, @@tx_isolation, @@foreign_key_checks, @@sql_select_limit, DATABASE(), @@autocommit,'
    . ' @@character_set_client, IS_USED_LOCK(\'site\')")->fetch(PDO::FETCH_NUM), $GLOBALS["db"]->getAttribute(PDO::ATTR_ERRMODE),'
    . ' $GLOBALS["db"]->getAttribute(PDO::ATTR_AUTOCOMMIT), $GLOBALS["my"]->character_set_name()]';
$before = $worker->endOf('Does', ['do' => "return $session;"])['Results'];
$succeeds($worker, '$db = $GLOBALS["db"]; $db->exec("SET sql_mode = \'\', time_zone = \'SYSTEM\', foreign_key_checks = 0, sql_select_limit = 5");'
    . ' $db->exec("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE"); $db->exec("USE mysql"); $db->query("SELECT GET_LOCK(\'site\', 0)")->fetchAll();'
    . ' $db->exec("SET NAMES latin1"); $db->setAttribute(PDO::ATTR_AUTOCOMMIT, 0); $db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_SILENT);'
    . ' $GLOBALS["my"]->set_charset("latin1"); return 1;', 1, 'a run that changes the session');
$after = $worker->endOf('Does', ['do' => "return $session;"])['Results'];
check($after === $before, 'the session: ' . json_encode($after) . ' was ' . json_encode($before));
$lockOfBootstrap = $load('$GLOBALS["db"] = opens(); $GLOBALS["db"]->query("SELECT GET_LOCK(\'of the bootstrap\', 0)")->fetchAll();');
check((int)$outside->query("SELECT IS_USED_LOCK('of the bootstrap') IS NOT NULL")->fetchColumn() === 1, 'a lock of the bootstrap file is kept until a run');
$lockOfBootstrap = null;
$succeeds($worker, '$GLOBALS["db"]->exec("LOCK TABLES other READ"); return 1;', 1, 'a run that leaves tables locked');
$succeeds($worker, '$GLOBALS["db"]->exec("INSERT INTO t VALUES (2)"); return 1;', 1, 'they are unlocked');
$outside->exec('DELETE FROM t');
$worker = $load('$GLOBALS["db"] = opens(); $GLOBALS["db"]->exec("USE site"); $GLOBALS["db"]->beginTransaction();');
check(strpos($worker->output('stderr'), 'bootstrap file has left 1 transaction') !== false, 'a transaction of the bootstrap file is told');
$succeeds($worker, '$GLOBALS["db"]->exec("INSERT INTO t VALUES (3)"); return 1;', 1, 'a run after it');
check($rows() === 1, 'writes for good');
$outside->exec('DELETE FROM t');

// The server closed a connection while the worker was idle.
$closeByServer = static function (HostedWorker $worker, string $get) use ($outside): void {
    $id = $worker->endOf('Does', ['do' => "return (int)idOf($get);"])['Results'];
    $outside->exec("KILL $id");
    do {
        usleep(60000);  // longer than an answer is trusted without a new check
        $isThere = $outside->query("SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = $id")->fetchColumn();
    } while ($isThere !== false);
};
foreach (['PDO' => '->query("SELECT 5")->fetchColumn()', 'mysqli' => '->query("SELECT 5")->fetch_row()[0]'] as $class => $asks) {
    $worker = $load("\$GLOBALS['db'] = opens('$class'); Worker::onLostConnection(function (\$lost) { \$GLOBALS['told'] = \$lost === \$GLOBALS['db']; \$GLOBALS['db'] = opens('$class'); });");
    for ($time = 1; $time <= 2; ++$time) {
        $closeByServer($worker, '$GLOBALS["db"]');
        $succeeds($worker, "\$told = \$GLOBALS['told']; \$GLOBALS['told'] = null; return [\$told, (int)\$GLOBALS['db']$asks];", [true, 5], "$class: the hook is called, time $time");
    }
    $begin = $class === 'PDO' ? 'beginTransaction' : 'begin_transaction';
    $isOpenTransaction($worker, "\$GLOBALS['db']->$begin(); \$GLOBALS['db']->query('INSERT INTO t VALUES (1)'); return 1;", "$class: what the hook opened is watched");
    $worker = $load("\$GLOBALS['db'] = opens('$class'); Worker::onLostConnection(function (\$lost) { throw new DomainException('no database'); });");
    $closeByServer($worker, '$GLOBALS["db"]');
    check($worker->endOf('Does', ['do' => 'return 1;'])['ErrorCode'] === 'DomainException', "$class: what the hook throws is the run's");
    $worker = $load("\$GLOBALS['db'] = opens('$class');");
    $closeByServer($worker, '$GLOBALS["db"]');
    $said = $worker->endOf('Does', ['do' => "return \$GLOBALS['db']$asks;"]);
    check($said['type'] === 'snooze' && $said['last'] === true && $worker->ends(), "$class: without a hook the run is left to another worker: " . json_encode($said));
    check(strpos($worker->output('stderr'), 'onLostConnection') !== false, "$class: which is told");
}
$worker = $load('$GLOBALS["db"] = opens(); $GLOBALS["db"]->exec("SET wait_timeout = 1"); Worker::onLostConnection(function () { $GLOBALS["db"] = opens(); });');
$id = $worker->endOf('Does', ['do' => 'return (int)idOf($GLOBALS["db"]);'])['Results'];
do {
    usleep(60000);
} while ($outside->query("SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = $id")->fetchColumn() !== false);
$succeeds($worker, 'return (int)$GLOBALS["db"]->query("SELECT 6")->fetchColumn();', 6, 'after wait_timeout');
echo "ok\n";
