<?php

namespace TaskQueue\SignIn;

/**
 * Settings that nginx passes to the script as parameters (nginx/taskqueue-sign-in.conf.template). A client
 * can set none of them.
 */
final class Settings
{
    private const LEAST_SESSION_SECONDS = 60;
    private const MOST_SESSION_SECONDS = 604800;
    private const SAME_SITE = ['Lax', 'Strict', 'None'];

    /** @var string */
    public $basePath;
    /** @var int */
    public $sessionSeconds;
    /** @var string */
    public $sameSite;
    /** @var bool */
    public $isHttps;
    /** @var string address of the CMS, where a hand-over begins; '' if it is not set */
    public $cmsAddress;
    /** @var string */
    public $usedDirectory;
    /** @var string the site's file that knows the roles of its users; '' if there is none */
    public $rolesFile;
    /** @var string */
    private $secretFile;

    /**
     * @param array<string, mixed> $parameters
     * @throws \RuntimeException that names the wrong parameter
     */
    public function __construct(array $parameters)
    {
        $this->basePath = $parameters['TASKQUEUE_BASE_PATH'] ?? '';
        $this->secretFile = $parameters['TASKQUEUE_SIGN_IN_SECRET'] ?? '';
        $this->usedDirectory = $parameters['TASKQUEUE_SIGN_IN_USED'] ?? '';
        $this->rolesFile = $parameters['TASKQUEUE_SIGN_IN_ROLES'] ?? '';
        $this->cmsAddress = $parameters['TASKQUEUE_CMS_ADDRESS'] ?? '';
        $this->isHttps = !in_array(strtolower($parameters['HTTPS'] ?? ''), ['', 'off'], true);
        $this->sameSite = $parameters['TASKQUEUE_SAME_SITE'] ?? 'Lax';
        $seconds = $parameters['TASKQUEUE_SESSION_SECONDS'] ?? '28800';
        $this->sessionSeconds = (int)$seconds;
        $this->want(preg_match('~^/([A-Za-z0-9_.-]+/)*$~D', $this->basePath) === 1, 'TASKQUEUE_BASE_PATH', "must begin and end with '/'");
        $this->want($this->usedDirectory !== '', 'TASKQUEUE_SIGN_IN_USED', 'must name a directory');
        $this->want(preg_match('~^(/|$)~', $this->rolesFile) === 1, 'TASKQUEUE_SIGN_IN_ROLES', "must be the path of a file, beginning with '/'");
        $this->want($this->secretFile !== '', 'TASKQUEUE_SIGN_IN_SECRET', 'must name a file');
        $this->want(preg_match('~^(https?://|/(?!/)|$)~', $this->cmsAddress) === 1, 'TASKQUEUE_CMS_ADDRESS', 'must be a path or an address');
        $this->want(in_array($this->sameSite, self::SAME_SITE, true), 'TASKQUEUE_SAME_SITE', 'must be ' . implode(', ', self::SAME_SITE));
        $this->want($this->sameSite !== 'None' || $this->isHttps, 'TASKQUEUE_SAME_SITE', 'can be None over https only: browsers refuse it otherwise');
        $isInRange = preg_match('/^\d{1,9}$/D', $seconds) === 1 && $this->sessionSeconds >= self::LEAST_SESSION_SECONDS && $this->sessionSeconds <= self::MOST_SESSION_SECONDS;
        $this->want($isInRange, 'TASKQUEUE_SESSION_SECONDS', 'must be from ' . self::LEAST_SESSION_SECONDS . ' to ' . self::MOST_SESSION_SECONDS);
    }

    /** @throws \RuntimeException */
    public function secret(): Secret
    {
        return new Secret($this->secretFile);
    }

    private function want(bool $holds, string $parameter, string $rule): void
    {
        if (!$holds) {
            throw new \RuntimeException("$parameter $rule");
        }
    }
}
