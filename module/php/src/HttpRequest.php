<?php

namespace TaskQueue;

/** One request to the queue's own addresses, with a bearer secret. Redirects are not followed. */
final class HttpRequest
{
    private const HEADERS = ['Content-Type: application/json'];

    /**
     * Returns the base URL without a slash at its end.
     *
     * @throws ArgumentError
     */
    public static function baseUrl(string $url): string
    {
        if (preg_match('~^https?://[^\s/?#]+[^\s?#]*$~D', $url) !== 1) {
            throw new ArgumentError("The base URL is '" . substr($url, 0, 100) . "'.",
                'Give the address of the queue, such as https://site/taskqueue.', 'baseUrl', 'out_of_range');
        }
        return rtrim($url, '/');
    }

    /**
     * Returns the secret, which becomes a header.
     *
     * @throws ArgumentError
     */
    public static function secret(string $secret, string $name): string
    {
        if (preg_match('/^[\x21-\x7e]+$/D', $secret) !== 1) {
            throw new ArgumentError("The $name is empty, or has spaces or control characters.", 'Give the text of the token alone.',
                $name, 'wrong_text');
        }
        return $secret;
    }

    /**
     * @param string $method GET or POST
     * @param string[] $headers
     * @return array{int, array<mixed>} the HTTP status (0: no answer) and the decoded body
     */
    public static function send(
        string $method,
        string $address,
        string $secret,
        int $timeoutSeconds,
        string $body = '',
        array $headers = []
    ): array {
        $context = stream_context_create(['http' => [
            'method' => $method,
            'header' => array_merge(['Authorization: Bearer ' . $secret], $body === '' ? [] : self::HEADERS, $headers),
            'content' => $body,
            'timeout' => $timeoutSeconds,
            'ignore_errors' => true,
            'follow_location' => 0,
        ]]);
        $answer = @file_get_contents($address, false, $context);
        $line = $http_response_header[0] ?? '';
        $status = preg_match('/^HTTP\/\S+ ([0-9]{3})/', $line, $parts) === 1 ? (int)$parts[1] : 0;
        return [$status, (array)json_decode($answer === false ? '' : $answer, true)];
    }
}
