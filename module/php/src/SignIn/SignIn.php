<?php

namespace TaskQueue\SignIn;

/**
 * The script behind nginx's auth_request. The last part of the address selects the action:
 *
 *   sign-in          accepts a hand-over of the CMS, begins a session and redirects to the requested page
 *   sign-in/check    is called by nginx before each request: 204 with the person in two headers, or 401
 *   sign-in/out      shows a form for GET, and ends the session for POST with the token of that form
 *   sign-in/refused  is the page for a person without a session
 */
final class SignIn
{
    /** @var array<string, mixed> */
    private $server;

    /** @param array<string, mixed> $server $_SERVER */
    public function __construct(array $server)
    {
        $this->server = $server;
    }

    /**
     * @param array<string, mixed> $query $_GET
     * @param array<string, mixed> $cookies $_COOKIE
     */
    public function answer(array $query, array $cookies): void
    {
        header('Cache-Control: no-store');
        header_remove('X-Powered-By');
        try {
            $settings = new Settings($this->server);
            switch (basename($this->server['DOCUMENT_URI'] ?? '')) {
                case 'sign-in':
                    $this->enter($settings, $query['token'] ?? '');
                    return;
                case 'check':
                    $this->check($settings, self::cookieOf($settings, $cookies));
                    return;
                case 'out':
                    $this->leave($settings, self::cookieOf($settings, $cookies), $query['token'] ?? '');
                    return;
                default:
                    $this->page($settings->cmsAddress, 401, 'wanted');
            }
        } catch (\RuntimeException $problem) {
            error_log('taskqueue sign-in: ' . $problem->getMessage());
            $this->page('', 500, 'broken');
        }
    }

    private function enter(Settings $settings, $token): void
    {
        if (($this->server['REQUEST_METHOD'] ?? '') !== 'GET') {  // a HEAD request would use the link up
            header('Allow: GET');
            $this->page($settings->cmsAddress, 405, 'wanted');
            return;
        }
        try {
            $used = new UsedOnce($settings->usedDirectory, 2 * HandOver::MOST_SECONDS);
            [$person, $page] = HandOver::redeem(is_string($token) ? $token : '', $settings->secret(), $used);
        } catch (Refused $refused) {
            error_log('taskqueue sign-in: a link was refused: ' . $refused->getMessage());
            $this->page($settings->cmsAddress, 403, 'refused');
            return;
        }
        http_response_code(303);
        header((new Session($settings))->begin($person));
        header('Referrer-Policy: no-referrer');
        header('Location: ' . $settings->basePath . $page);
    }

    /** @param array<string, mixed> $cookies */
    private static function cookieOf(Settings $settings, array $cookies): string
    {
        $cookie = $cookies[(new Session($settings))->cookieName()] ?? '';
        return is_string($cookie) ? $cookie : '';
    }

    private function leave(Settings $settings, string $cookie, $token): void
    {
        $session = new Session($settings);
        try {
            if (($this->server['REQUEST_METHOD'] ?? '') !== 'POST') {
                $this->page($settings->cmsAddress, 200, 'leave', $session->signOutToken($cookie));
                return;
            }
            header($session->end($cookie, is_string($token) ? $token : ''));
        } catch (Refused $refused) {
            $this->page($settings->cmsAddress, 403, 'notLeft');
            return;
        }
        $this->page($settings->cmsAddress, 200, 'left');
    }

    private function check(Settings $settings, string $cookie): void
    {
        try {
            $person = (new Session($settings))->of($cookie);
        } catch (Refused $refused) {
            http_response_code(401);
            return;
        }
        http_response_code(204);
        header("Taskqueue-User: {$person->user}");
        header("Taskqueue-Role: {$person->role}");
    }

    private function page(string $cmsAddress, int $status, string $why, string $signOutToken = ''): void
    {
        http_response_code($status);
        header('Content-Type: text/html; charset=utf-8');
        header("Content-Security-Policy: default-src 'none'; form-action 'self'");
        echo SignInPage::html($why, $this->server['HTTP_ACCEPT_LANGUAGE'] ?? '', $cmsAddress, $signOutToken);
    }
}
