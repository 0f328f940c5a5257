<?php

namespace TaskQueue\Worker;

/** The state that PHP holds for a request: superglobals, session and headers. */
final class RequestState implements StatePart
{
    /** @var array<string, array> by name */
    private $superglobals;
    /** @var array<string, mixed>|null null if $_SESSION does not exist */
    private $session;
    /** @var string */
    private $sessionId = '';
    /** @var string[] */
    private $headers;
    /** @var int|bool */
    private $responseCode;

    public function __construct()
    {
        $this->superglobals = [
            '_SERVER' => $_SERVER, '_GET' => $_GET, '_POST' => $_POST, '_COOKIE' => $_COOKIE, '_FILES' => $_FILES,
            '_REQUEST' => $_REQUEST, '_ENV' => $_ENV,
        ];
        $this->session = isset($GLOBALS['_SESSION']) ? $_SESSION : null;
        $this->sessionId = self::hasSessions() ? (string)session_id() : '';
        $this->headers = headers_list();
        $this->responseCode = http_response_code();
    }

    public function restore(): array
    {
        $stays = self::hasSessions() ? $this->restoreSession() : [];
        $_SERVER = $this->superglobals['_SERVER'];
        $_GET = $this->superglobals['_GET'];
        $_POST = $this->superglobals['_POST'];
        $_COOKIE = $this->superglobals['_COOKIE'];
        $_FILES = $this->superglobals['_FILES'];
        $_REQUEST = $this->superglobals['_REQUEST'];
        $_ENV = $this->superglobals['_ENV'];
        if (!headers_sent()) {
            $this->restoreHeaders();
        }
        return $stays;
    }

    private static function hasSessions(): bool
    {
        return function_exists('session_status');
    }

    /**
     * A session is written at the end of its run, as PHP writes it at the end of a request.
     *
     * @return list<string> what stays
     */
    private function restoreSession(): array
    {
        if (session_status() === PHP_SESSION_ACTIVE) {
            session_write_close();
        }
        if ((string)session_id() !== $this->sessionId) {
            @session_id($this->sessionId);
        }
        if ($this->session !== null) {
            $_SESSION = $this->session;
        } elseif (isset($GLOBALS['_SESSION'])) {
            unset($GLOBALS['_SESSION']);
        }
        return (string)session_id() === $this->sessionId ? [] : ['the Id of the session'];
    }

    private function restoreHeaders(): void
    {
        if (headers_list() !== $this->headers) {
            header_remove();
            foreach ($this->headers as $header) {
                header($header, false);
            }
        }
        if (http_response_code() !== $this->responseCode) {
            http_response_code(is_int($this->responseCode) ? $this->responseCode : 200);
        }
    }
}
