<?php
// A site's webhook script, run by php -S. It accepts signed requests and answers with lines of the file `answers` in
// RECEIVER_DIRECTORY, one per request ("503 Retry-After: 1"; 200 when none is left). It writes each request into 1.json,
// 2.json … there.

require __DIR__ . '/../../../module/php/autoload.php';

$directory = getenv('RECEIVER_DIRECTORY');
$body = file_get_contents('php://input');
$number = count(glob("$directory/*.json")) + 1;
try {
    $message = TaskQueue\Webhook::read(trim(file_get_contents("$directory/secret")), $body, $_SERVER);
    $problem = null;
} catch (UnexpectedValueException $refused) {
    $message = null;
    $problem = $refused->getMessage();
}
// This is the check of a site without our classes.
$expected = 'sha256=' . hash_hmac('sha256', $_SERVER['HTTP_X_TASKQUEUE_TIMESTAMP'] . '.' . $body, trim(file_get_contents("$directory/secret")));
file_put_contents("$directory/$number.tmp", json_encode([
    'message' => $message,
    'problem' => $problem,
    'byHand' => hash_equals($expected, $_SERVER['HTTP_X_TASKQUEUE_SIGNATURE'] ?? ''),
    'id' => $_SERVER['HTTP_X_TASKQUEUE_ID'] ?? '',
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
