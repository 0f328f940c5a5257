<?php
// A private MariaDB server with a table t (a INT) in the schema site. It ends with the test.

final class DatabaseServer
{
    private const SECONDS_TO_START = 60;

    /** @var string */
    private $directory;
    /** @var resource */
    private $process;

    public function __construct()
    {
        $this->directory = trim((string)shell_exec('mktemp -d /tmp/taskqueue-php-db-XXXXXX'));
        $asMysql = '';
        if (posix_getuid() === 0) {
            chown($this->directory, 'mysql');
            $asMysql = 'setpriv --reuid=mysql --regid=mysql --init-groups --pdeathsig=KILL ';
        }
        $data = "--no-defaults --datadir={$this->directory}/data";
        exec("{$asMysql}mariadb-install-db $data --auth-root-authentication-method=normal --skip-test-db --force 2>&1", $told, $status);
        check($status === 0, 'mariadb-install-db: ' . implode("\n", $told));
        $log = ['file', "{$this->directory}/log", 'w'];
        $this->process = proc_open("exec {$asMysql}/usr/sbin/mariadbd $data --socket={$this->socket()} --skip-networking"
            . " --tmpdir={$this->directory} --pid-file={$this->directory}/pid", [['file', '/dev/null', 'r'], $log, $log], $unused);
        $end = time() + self::SECONDS_TO_START;
        while (($site = $this->tryConnect()) === null) {
            check(time() < $end, 'the database server starts: ' . file_get_contents("{$this->directory}/log"));
            usleep(50000);
        }
        $site->exec('CREATE DATABASE site; CREATE TABLE site.t (a INT NOT NULL) ENGINE=InnoDB; CREATE TABLE site.other (a INT)');
    }

    public function __destruct()
    {
        proc_terminate($this->process, 9);
        proc_close($this->process);
        exec('rm -rf ' . escapeshellarg($this->directory));
    }

    public function socket(): string
    {
        return "{$this->directory}/socket";
    }

    public function connect(): PDO
    {
        return new PDO("mysql:unix_socket={$this->socket()};dbname=site", 'root', '', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    }

    private function tryConnect(): ?PDO
    {
        try {
            return new PDO("mysql:unix_socket={$this->socket()}", 'root', '', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
        } catch (PDOException $error) {
            return null;
        }
    }
}
