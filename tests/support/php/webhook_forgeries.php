<?php
// php webhook_forgeries.php FILE MAIN_SECRET ADDRESS: whether a message that a receiver got (webhook_receiver.php wrote it) is
// believed with any of it changed. Prints how many headers sign it, how many forgeries were refused, and the secret.

require __DIR__ . '/../../../module/php/autoload.php';

use TaskQueue\Webhook;

[, $file, $main, $address] = $argv;
$got = json_decode(file_get_contents($file), true);
$secret = Webhook::secretFor($main, $address);
$refused = 0;
$isBelieved = static function (array $headers, string $body, string $at, string $secret) use (&$refused): bool {
    try {
        Webhook::read($secret, $body, $headers, $at);
        return true;
    } catch (UnexpectedValueException $problem) {
        ++$refused;
        return false;
    }
};
$headers = $got['headers'];
if (!$isBelieved($headers, $got['body'], $address, $secret) || !$isBelieved($headers, $got['body'], strtoupper(substr($address, 0, 7)) . substr($address, 7), $secret)) {
    exit('the message itself is not believed');
}
$forgeries = [
    [$headers, $got['body'], "$address/other", Webhook::secretFor($main, "$address/other")],
    [$headers, $got['body'], "$address/other", $secret],
    [$headers, $got['body'] . ' ', $address, $secret],
    [$headers, $got['body'], $address, $main],
    [$headers, $got['body'], $address, 'x'],
    [$headers, $got['body'], $address, ''],
    [['HTTP_X_TASKQUEUE_TIMESTAMP' => (string)(time() - 3600)] + $headers, $got['body'], $address, $secret],
];
foreach ($headers as $name => $value) {
    foreach (['', "{$value}0", 'queue'] as $other) {
        if ($other !== $value) {
            $forgeries[] = [[$name => $other] + $headers, $got['body'], $address, $secret];
        }
    }
    $forgeries[] = [array_diff_key($headers, [$name => 1]), $got['body'], $address, $secret];
}
foreach ($forgeries as $forgery) {
    if ($isBelieved(...$forgery)) {
        exit('believed: ' . json_encode($forgery));
    }
}
echo count($headers), ' headers, ', $refused, ' refused, ', $secret;
