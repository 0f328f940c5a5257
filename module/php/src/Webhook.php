<?php

namespace TaskQueue;

/** Reads webhook messages in the script that receives them. */
final class Webhook
{
    /**
     * Returns the message after verifying that the queue has sent it to this address recently:
     *
     *     $message = TaskQueue\Webhook::read($secret, file_get_contents('php://input'), $_SERVER, 'https://site/hook.php');
     *
     * A message may arrive twice, with the same HTTP_X_TASKQUEUE_ID.
     *
     * @param string|string[] $secret output of `taskqueue webhook-secret ADDRESS`; while it changes, the old and the
     *     new secret
     * @param array<string, mixed> $server $_SERVER
     * @param string $address this script's own URL without a query, as in NotifyTo
     * @param int $seconds maximum age of the message, so that an eavesdropper cannot send it again later
     * @return array<string, mixed> Event, its members (runner/handlers/README.md, "Notifications"), and SentBy: `queue`, or `hand`
     *     when a person or a program made the message
     * @throws \UnexpectedValueException when the message is not from the queue: answer with status 403
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

    /**
     * Returns the secret of one receiver, for programs that have the main secret. `taskqueue webhook-secret ADDRESS`
     * prints the same.
     */
    public static function secretFor(string $mainSecret, string $address): string
    {
        return hash_hmac('sha256', 'webhook ' . self::addressOf($address), $mainSecret);
    }

    /** Follows webhookAddress() of module/platform/webhook_signature.cpp. */
    private static function addressOf(string $url): string
    {
        preg_match('~^([^/?#]*://[^/?#]*)([^?#]*)~', $url, $parts);
        $path = $parts[2] ?? '';
        return strtolower($parts[1] ?? '') . ($path === '' ? '/' : $path);
    }

    /**
     * @param string[] $secrets
     * @param array<string, mixed> $server
     */
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
