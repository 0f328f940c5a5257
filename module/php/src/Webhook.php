<?php

namespace TaskQueue;

/** Reads webhook messages in the script that receives them. */
final class Webhook
{
    /**
     * The message, once it is sure that the queue has sent it, and lately:
     *
     *     $message = TaskQueue\Webhook::read($secret, file_get_contents('php://input'), $_SERVER);
     *
     * A message may come twice; HTTP_X_TASKQUEUE_ID is the same then.
     *
     * @param string $secret the first line of webhook.secret_file
     * @param array $server $_SERVER
     * @param int $seconds how old it may be, so that a recorded message cannot be sent again later
     * @return array Event, and what belongs to it (runner/handlers/README.md, "Alerts")
     * @throws \UnexpectedValueException when it is not from the queue: answer 403
     */
    public static function read(string $secret, string $body, array $server, int $seconds = 300): array
    {
        $time = $server['HTTP_X_TASKQUEUE_TIMESTAMP'] ?? '';
        $signature = $server['HTTP_X_TASKQUEUE_SIGNATURE'] ?? '';
        if ($secret === '') {
            throw new \UnexpectedValueException('There is no secret to check the message with.');
        }
        if (!hash_equals('sha256=' . hash_hmac('sha256', "$time.$body", $secret), $signature)) {
            throw new \UnexpectedValueException('The message is not signed by the queue.');
        }
        if (abs(time() - (int)$time) > $seconds) {
            throw new \UnexpectedValueException('The message is too old.');
        }
        $message = json_decode($body, true);
        if (!is_array($message)) {
            throw new \UnexpectedValueException('The message is no JSON object.');
        }
        return $message;
    }
}
