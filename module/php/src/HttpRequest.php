<?php

namespace TaskQueue;

/** One request to the queue's own addresses, with a bearer secret. Redirects are not followed. */
final class HttpRequest
{
    private const HEADERS = ['Content-Type: application/json'];

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
