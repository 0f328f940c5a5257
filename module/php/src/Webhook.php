<?php

namespace TaskQueue;

/** Reads webhook messages in the script that receives them. */
final class Webhook
{
    /**
     * The message, once it is sure that the queue has sent it, to this address, and lately:
     *
     *     $message = TaskQueue\Webhook::read($secret, file_get_contents('php://input'), $_SERVER, 'https://site/hook.php');
     *
     * A message may come twice; HTTP_X_TASKQUEUE_ID is the same then.
     *
     * @param string|string[] $secret what `taskqueue webhook-secret ADDRESS` prints; while it changes, the old and the new one
     * @param array $server $_SERVER
     * @param string $address this script's own URL, as NotifyTo has it, without a query
     * @param int $seconds how old it may be: an eavesdropper cannot send it again later
     * @return array Event, what belongs to it (runner/handlers/README.md, "Notifications"), and SentBy: `queue`, or `hand` when a person or a
     *     program made the message itself
     * @throws \UnexpectedValueException when it is not from the queue: answer 403
     */
    public static function read($secret, string $body, array $server, string $address, int $seconds = 300): array
    {
        $head = [];
        foreach (['ID', 'TIMESTAMP', 'SENT_BY', 'TARGET'] as $name) {
            $head[] = (string)($server["HTTP_X_TASKQUEUE_$name"] ?? '');
        }
        [, $time, $sentBy, $target] = $head;
        if (!self::isSigned((array)$secret, "v2\n" . implode("\n", $head) . "\n$body", $server)) {
            throw new \UnexpectedValueException('The message is not signed by the queue.');
        }
        if (self::addressOf($target) !== self::addressOf($address)) {
            throw new \UnexpectedValueException('The message is for another address.');
        }
        if (abs(time() - (int)$time) > $seconds) {
            throw new \UnexpectedValueException('The message is too old.');
        }
        $message = json_decode($body, true);
        if (!is_array($message)) {
            throw new \UnexpectedValueException('The message is no JSON object.');
        }
        return ['SentBy' => $sentBy] + $message;
    }

    /** The secret of one receiver, for programs that have the main one: as `taskqueue webhook-secret ADDRESS`. */
    public static function secretFor(string $mainSecret, string $address): string
    {
        return hash_hmac('sha256', 'webhook ' . self::addressOf($address), $mainSecret);
    }

    /** As webhookAddress() of module/platform/webhook_signature.cpp. */
    private static function addressOf(string $url): string
    {
        preg_match('~^([^/?#]*://[^/?#]*)([^?#]*)~', $url, $parts);
        $path = $parts[2] ?? '';
        return strtolower($parts[1] ?? '') . ($path === '' ? '/' : $path);
    }

    /** @param string[] $secrets */
    private static function isSigned(array $secrets, string $text, array $server): bool
    {
        $signature = (string)($server['HTTP_X_TASKQUEUE_SIGNATURE'] ?? '');
        foreach ($secrets as $secret) {
            if (!is_string($secret) || $secret === '') {
                throw new \UnexpectedValueException('There is no secret to check the message with.');
            }
            if (hash_equals('v2=' . hash_hmac('sha256', $text, $secret), $signature)) {
                return true;
            }
        }
        return false;
    }
}
