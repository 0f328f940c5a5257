<?php
// A site's webhook script, run by php -S. It accepts signed requests and answers with lines of the file `answers` in
// RECEIVER_DIRECTORY, one per request ("503 Retry-After: 1"; 200 when none is left). It writes each request into 1.json,
// 2.json … there.

require __DIR__ . '/../../../module/php/autoload.php';

$directory = getenv('RECEIVER_DIRECTORY');
$body = file_get_contents('php://input');
$address = getenv('RECEIVER_ADDRESS');
$secret = TaskQueue\Webhook::secretFor(trim(file_get_contents("$directory/secret")), $address);
$number = count(glob("$directory/*.json")) + 1;
try {
    $message = TaskQueue\Webhook::read(['an older one', $secret], $body, $_SERVER, $address);
    $problem = null;
} catch (UnexpectedValueException $refused) {
    $message = null;
    $problem = $refused->getMessage();
}
// This is the check of a site without our classes.
$signed = ['v2'];
foreach (['ID', 'TIMESTAMP', 'SENT_BY', 'TARGET'] as $header) {
    $signed[] = $_SERVER["HTTP_X_TASKQUEUE_$header"] ?? '';
}
$expected = 'v2=' . hash_hmac('sha256', implode("\n", $signed) . "\n$body", $secret);
file_put_contents("$directory/$number.tmp", json_encode([
    'message' => $message,
    'problem' => $problem,
    'checkedByHand' => hash_equals($expected, $_SERVER['HTTP_X_TASKQUEUE_SIGNATURE'] ?? ''),
    'id' => $_SERVER['HTTP_X_TASKQUEUE_ID'] ?? '',
    'target' => $_SERVER['HTTP_X_TASKQUEUE_TARGET'] ?? '',
    'headers' => array_filter($_SERVER, function ($name) { return strpos($name, 'HTTP_X_TASKQUEUE_') === 0; }, ARRAY_FILTER_USE_KEY),
    'body' => $body,
]));
rename("$directory/$number.tmp", "$directory/$number.json");
if ($problem !== null) {
    http_response_code(403);
    echo $problem;
    return;
}
$answers = is_file("$directory/answers") ? file("$directory/answers", FILE_IGNORE_NEW_LINES) : [];
[$status, $header] = explode(' ', ($answers[$number - 1] ?? '200') . ' ', 2);
http_response_code((int)$status);
if (trim($header) !== '') {
    header(trim($header));
}
echo str_repeat('answer ', 1000);
