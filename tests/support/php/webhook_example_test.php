<?php
// The example in runner/handlers/README.md, as it stands there but for its two paths, as a site's script that php -S runs.
// Prints "ok" and ends with 0, or names what does not hold.

require __DIR__ . '/checks.php';

$checkout = dirname(__DIR__, 3);
check(preg_match('/```php\n(<\?php\n.*?Webhook::read.*?)```/s', file_get_contents("$checkout/runner/handlers/README.md"), $found) === 1, 'there is an example');
$directory = sys_get_temp_dir() . '/taskqueue-example-' . getmypid();
mkdir($directory);
register_shutdown_function(static function () use ($directory): void {
    array_map('unlink', glob("$directory/*"));
    rmdir($directory);
});
$address = 'https://site.example/hook.php';
$secret = hash_hmac('sha256', "webhook $address", 'the main secret');  // what `taskqueue webhook-secret` prints
file_put_contents("$directory/webhook.secret", "$secret\n");
$script = strtr($found[1], [
    '/usr/share/taskqueue/php/autoload.php' => "$checkout/module/php/autoload.php",
    '/etc/site/webhook.secret' => "$directory/webhook.secret",
]);
check(substr_count($script, $directory) === 1 && strpos($script, "'$address'") !== false, 'its paths and address are known');
file_put_contents("$directory/hook.php", $script);

$listener = stream_socket_server('tcp://127.0.0.1:0');
$port = (int)substr(strrchr(stream_socket_get_name($listener, false), ':'), 1);
fclose($listener);
$server = proc_open(['php', '-S', "127.0.0.1:$port", '-t', $directory], [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
register_shutdown_function('proc_terminate', $server);
for ($end = microtime(true) + 10; !@fsockopen('127.0.0.1', $port) && microtime(true) < $end; usleep(20000));

$send = static function (array $changed = [], string $sentBy = 'queue', string $secretUsed = '') use ($port, $address, $secret): array {
    $head = ['Id' => '17', 'Timestamp' => (string)time(), 'Sent-By' => $sentBy, 'Target' => "$address?from=queue"];
    $body = '{"Event":"task.ended","TaskQueueId":5,"LastStatus":"success"}';
    $signature = 'v2=' . hash_hmac('sha256', "v2\n" . implode("\n", $head) . "\n$body", $secretUsed ?: $secret);
    $lines = 'Content-Type: application/json';
    foreach ($changed + $head + ['Signature' => $signature] as $name => $value) {
        $lines .= "\r\nX-TaskQueue-$name: $value";
    }
    $context = stream_context_create(['http' => ['method' => 'POST', 'header' => $lines, 'content' => $body, 'ignore_errors' => true]]);
    $answer = file_get_contents("http://127.0.0.1:$port/hook.php", false, $context);
    return [(int)explode(' ', $http_response_header[0])[1], $answer];
};
check($send() === [200, "task 5 has ended as success\n"], 'a message of the queue: ' . json_encode($send()));
check($send([], 'hand')[0] === 403, 'one that was sent by hand');
check($send([], 'queue', 'the main secret')[0] === 403, 'another secret');
foreach (['Id' => '18', 'Timestamp' => (string)(time() - 1), 'Sent-By' => 'hand', 'Target' => "$address?from=other", 'Signature' => 'v2='] as $name => $value) {
    check($send([$name => $value])[0] === 403, "another $name");
}
echo "ok\n";
