<?php
// A site for sign_in_test.php: real php-fpm and nginx before the FastCGI program of a running stack. Both run as the stack's
// nginx user and listen on sockets of one directory.

final class SignInSite
{
    private const OWNER = 'taskqueue-nginx';
    private const SECONDS = 10;  // limit for the start, and for each answer

    /** @var string */
    private $directory;
    /** @var string */
    private $checkout;
    /** @var string of the running stack */
    private $home;
    /** @var resource[] */
    private $processes = [];

    public function __construct(string $home)
    {
        $this->home = $home;
        $this->checkout = dirname(__DIR__, 3);
        $this->directory = sys_get_temp_dir() . '/tq-sign-in-' . getmypid();
        mkdir($this->directory, 0755);
        chown($this->directory, self::OWNER);
        foreach (['used', 'temp', 'log'] as $name) {
            mkdir("{$this->directory}/$name", 0700);
            chown("{$this->directory}/$name", self::OWNER);
        }
        file_put_contents($this->secretFile(), bin2hex(random_bytes(32)) . "\n");
        chgrp($this->secretFile(), self::OWNER);
        chmod($this->secretFile(), 0640);
    }

    public function __destruct()
    {
        foreach ($this->processes as $process) {
            proc_terminate($process);
            proc_close($process);
        }
        exec('rm -rf ' . escapeshellarg($this->directory));
    }

    public function secretFile(): string
    {
        return "{$this->directory}/secret";
    }

    public function usedDirectory(): string
    {
        return "{$this->directory}/used";
    }

    public function log(): string
    {
        return (string)@file_get_contents("{$this->directory}/log/php.log");
    }

    public function start(): void
    {
        $own = $this->directory;
        file_put_contents("$own/fpm.conf", "[global]\nerror_log=$own/log/fpm.log\ndaemonize=no\n[site]\nlisten=$own/fpm.sock\n"
            . "pm=static\npm.max_children=4\nphp_admin_value[error_log]=$own/log/php.log\nphp_admin_value[log_errors]=1\n");
        $words = [
            '@HOME@' => $own, '@BASE_PATH@' => '/taskqueue/', '@SOCKET@' => "{$this->home}/run/taskqueue.sock",
            '@STATIC@' => "{$this->home}/program/share/taskqueue/templates/static/", '@WHO@' => "$own/who.conf",
            '@PHP_FPM@' => "$own/fpm.sock", '@SCRIPT@' => "{$this->home}/program/share/taskqueue/php/sign_in.php",
            '@SECRET@' => $this->secretFile(), '@USED@' => $this->usedDirectory(), '@CMS_ADDRESS@' => '/admin/', '@NGINX_SECRET@' => "{$this->home}/nginx/taskqueue-secret.conf",
        ];
        $fill = function (string $name) use ($words): string {
            return strtr(file_get_contents("{$this->checkout}/nginx/$name.template"), $words);
        };
        file_put_contents("$own/who.conf", $fill('taskqueue-sign-in.conf'));
        file_put_contents("$own/taskqueue.conf", $fill('taskqueue.conf'));
        exec('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost '
            . "-keyout $own/key.pem -out $own/certificate.pem 2>&1", $said, $status);
        check($status === 0, 'a certificate: ' . implode("\n", $said));
        chown("$own/key.pem", self::OWNER);
        $temp = '';
        foreach (['client_body', 'fastcgi', 'proxy', 'scgi', 'uwsgi'] as $kind) {
            $temp .= "{$kind}_temp_path $own/temp/$kind;\n";
        }
        file_put_contents("$own/nginx.conf", "daemon off;\npid $own/temp/nginx.pid;\nerror_log $own/log/nginx.log warn;\nevents {}\n"
            . "http {\n{$temp}access_log $own/log/access.log;\ninclude {$this->checkout}/nginx/taskqueue-http.conf;\n"
            . "include {$this->home}/nginx/taskqueue-roles.conf;\n"
            . "server {\nlisten unix:$own/http.sock;\nlisten unix:$own/https.sock ssl;\nssl_certificate $own/certificate.pem;\n"
            . "ssl_certificate_key $own/key.pem;\ninclude $own/taskqueue.conf;\n}\n}\n");
        $php = PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
        $this->run('fpm.sock', ["/usr/sbin/php-fpm$php", '-n', '--fpm-config', "$own/fpm.conf"]);
        $this->run('https.sock', ['/usr/sbin/nginx', '-e', "$own/log/nginx.log", '-c', "$own/nginx.conf"]);
    }

    /**
     * @param string[] $headers
     * @return array{status: int, headers: string, body: string}
     */
    public function request(string $path, array $headers = [], string $method = 'GET', string $body = ''): array
    {
        $socket = stream_socket_client("unix://{$this->directory}/http.sock", $code, $problem, self::SECONDS);
        stream_set_timeout($socket, self::SECONDS);
        $headers[] = 'Host: localhost';
        $headers[] = 'Content-Length: ' . strlen($body);
        fwrite($socket, "$method $path HTTP/1.0\r\n" . implode("\r\n", $headers) . "\r\n\r\n$body");
        [$head, $content] = explode("\r\n\r\n", stream_get_contents($socket), 2) + [1 => ''];
        check(preg_match('~^HTTP/1\.1 (\d+)~', $head, $status) === 1, "an answer to $method $path: $head");
        return ['status' => (int)$status[1], 'headers' => "$head\r\n", 'body' => $content];
    }

    /** Returns the headers of a GET over https, which PHP does not support over a unix socket. */
    public function headersOverHttps(string $path, string $cookie = ''): string
    {
        $command = "curl -sk -D - -o /dev/null --max-time %d -H %s --unix-socket %s %s";
        return (string)shell_exec(sprintf($command, self::SECONDS, escapeshellarg("Cookie: $cookie"), escapeshellarg("{$this->directory}/https.sock"), escapeshellarg("https://localhost$path")));
    }

    private function run(string $socket, array $command): void
    {
        $as = ['/usr/bin/setpriv', '--reuid', self::OWNER, '--regid', self::OWNER, '--init-groups', '--pdeathsig', 'TERM', '--'];
        $this->processes[] = $process = proc_open(array_merge($as, $command), [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'],
            ['file', "{$this->directory}/log/start.log", 'a']], $pipes, '/');
        for ($look = 0; $look < 100 * self::SECONDS && !file_exists("{$this->directory}/$socket"); ++$look) {
            check(proc_get_status($process)['running'], "{$command[0]} runs: " . implode('', array_map('file_get_contents', glob("{$this->directory}/log/*"))));
            usleep(10000);
        }
    }
}
