<?php
// Signing in through the CMS, before a running stack: php sign_in_test.php AUTOLOAD, as root, with the variables of serve.env
// in the environment. Prints "ok" and exits with 0, or names the first failure.

use TaskQueue\SignIn\HandOver;
use TaskQueue\SignIn\Person;
use TaskQueue\SignIn\Refused;
use TaskQueue\SignIn\Secret;
use TaskQueue\SignIn\Session;
use TaskQueue\SignIn\SessionEnds;
use TaskQueue\SignIn\Settings;
use TaskQueue\SignIn\UsedOnce;

require $argv[1];
require __DIR__ . '/checks.php';
require __DIR__ . '/sign_in_site.php';

$site = new SignInSite(getenv('HOME_DIR'));
$site->start();
$secret = new Secret($site->secretFile());
$cookieOf = static function (array $answer): string {
    check(preg_match('~^Set-Cookie: (taskqueue_session=[^;]*)~mi', $answer['headers'], $found) === 1, 'a cookie in ' . $answer['headers']);
    return 'Cookie: ' . $found[1];
};
$signIn = static function (string $user, string $role, string $page = '') use ($site, $secret, $cookieOf): string {
    $answer = $site->request(HandOver::link('/taskqueue/', $secret, $user, $role, $page));
    check($answer['status'] === 303, "a hand-over of $user: {$answer['status']}");
    check(strpos($answer['headers'], "Location: /taskqueue/$page\r\n") !== false, "goes to $page: {$answer['headers']}");
    return $cookieOf($answer);
};

// Without a valid cookie the answer only leads to the CMS.
$answer = $site->request('/taskqueue/tasks', ['Accept-Language: de']);
check($answer['status'] === 401 && strpos($answer['body'], 'Bitte anmelden') && strpos($answer['body'], 'href="/admin/"'), 'nobody: ' . json_encode($answer) . $site->log());
foreach (['taskqueue_session=x.y', 'taskqueue_session=', 'taskqueue_session=' . str_repeat('x', 5000), 'taskqueue_session[]=x'] as $cookie) {
    check($site->request('/taskqueue/', ["Cookie: $cookie"])['status'] === 401, "a cookie that is none: $cookie");
}
$manyCookies = 'Cookie: ' . str_repeat('a=b; ', 1200);
check($site->request('/taskqueue/', [$manyCookies])['status'] === 401, 'more cookies than PHP takes');
check($site->request('/taskqueue/sign-in?' . str_repeat('a=b&', 1200))['status'] === 403, 'more parameters than PHP takes');
$answer = $site->request('/taskqueue/', ['TASKQUEUE_USER: eve', 'TASKQUEUE_ROLE: admin', 'Taskqueue-User: eve', 'Taskqueue-Role: admin']);
check($answer['status'] === 401, 'headers of a client count for nothing');
check($site->request('/taskqueue/healthz')['status'] === 200, 'programs need no session');
check($site->request('/taskqueue/api/v1/tasks')['status'] === 401, 'but their token');

// A sign-in link works once.
$link = HandOver::link('/taskqueue/', $secret, 'Ада Lovelace', 'operator', 'tasks?embed=1&theme=inportal');
check($site->request($link, [], 'HEAD')['status'] === 405, 'asking for the head does not use it up');
$answer = $site->request($link);
check($answer['status'] === 303, 'it is taken: ' . json_encode($answer));
check(strpos($answer['headers'], "Location: /taskqueue/tasks?embed=1&theme=inportal\r\n") !== false, 'and goes on: ' . $answer['headers']);
check(preg_match('~Set-Cookie: taskqueue_session=[\w.-]+; Path=/taskqueue/; Max-Age=28800; HttpOnly; SameSite=Lax\r\n~', $answer['headers']) === 1, $answer['headers']);
$cookie = $cookieOf($answer);
$page = $site->request('/taskqueue/tasks', [$cookie]);
check($page['status'] === 200 && strpos($page['body'], 'Ада Lovelace') !== false, 'the page knows who it is');
check($site->request('/taskqueue/tasks', [str_replace('Cookie: ', $manyCookies, $cookie)])['status'] === 200, 'among many cookies, too');
check($site->request('/taskqueue/tasks?embed=1&theme=inportal', [$cookie])['status'] === 200, 'in a frame, too');
$answer = $site->request($link, ['Accept-Language: ru-RU,en;q=0.5']);
check($answer['status'] === 403 && strpos($answer['body'], 'одноразовая') && stripos($answer['headers'], 'Set-Cookie') === false, 'a second time it is refused');

// Signing out, by POST with the token of its page. It ends the session wherever a copy of its cookie is.
$other = $signIn('Ада Lovelace', 'operator');
$opens = static function (string $cookie) use ($site): bool {
    return $site->request('/taskqueue/tasks', [$cookie])['status'] === 200;
};
$tokenOf = static function (array $page): string {
    check(preg_match('~<form method="post" action="(out\?token=[\w.-]+)">~', $page['body'], $found) === 1, 'the form of signing out: ' . $page['body']);
    return $found[1];
};
$page = $site->request('/taskqueue/sign-in/out', [$cookie]);
check($page['status'] === 200 && stripos($page['headers'], 'Set-Cookie') === false && $opens($cookie), 'GET asks and ends nothing');
check($site->request('/taskqueue/sign-in/out', [$cookie], 'POST')['status'] === 403 && $opens($cookie), 'POST without a token');
$foreign = $tokenOf($site->request('/taskqueue/sign-in/out', [$other]));
check($site->request("/taskqueue/sign-in/$foreign", [$cookie], 'POST')['status'] === 403 && $opens($cookie), 'a token of another session');
$answer = $site->request('/taskqueue/sign-in/' . $tokenOf($page), [$cookie], 'POST');
check(strpos($answer['headers'], 'taskqueue_session=; Path=/taskqueue/; Max-Age=0') !== false, 'signing out takes the cookie away');
check($site->request('/taskqueue/tasks', [$cookie])['status'] === 401, 'and ends its copy');
check($opens($other), 'another browser of the same person goes on');
check($site->request('/taskqueue/sign-in/out', [$cookie])['status'] === 403, 'there is nothing left to sign out of');

// Demotion: signing in with another role ends the sessions with the one before. Removal: the site says so.
$demoted = $signIn('Ада Lovelace', 'viewer');
check(!$opens($other) && $opens($demoted), 'the role that was taken away ends');
(new SessionEnds($site->usedDirectory()))->endAllOf('Ада Lovelace');
check(!$opens($demoted), 'a removed user has no session');
check($opens($signIn('Ада Lovelace', 'viewer')), 'and may come again when the CMS says so');
$cookie = $signIn('Ада Lovelace', 'operator');

// Four PHP processes use one link at the same time: one succeeds.
$link = HandOver::link('/taskqueue/', $secret, 'many', 'viewer');
$statuses = [];
$children = [];
for ($i = 0; $i < 8; ++$i) {
    if (($children[] = pcntl_fork()) === 0) {
        $status = $site->request($link)['status'];
        posix_kill(getmypid(), $status === 303 ? SIGUSR1 : SIGUSR2);
    }
}
foreach ($children as $child) {
    pcntl_waitpid($child, $status);
    $statuses[] = pcntl_wtermsig($status);
}
check(array_count_values($statuses) === [SIGUSR1 => 1, SIGUSR2 => 7] || array_count_values($statuses) === [SIGUSR2 => 7, SIGUSR1 => 1], 'one of eight: ' . json_encode($statuses));

// Links that are expired, too long, forged, signed for another purpose, or with odd claims.
$claims = ['User' => 'eve', 'Role' => 'admin', 'Page' => '', 'ExpiresOn' => time() + 30, 'Nonce' => 'n'];
$tokens = [
    'expired' => $secret->sign('hand-over', ['ExpiresOn' => time()] + $claims),
    'too long' => $secret->sign('hand-over', ['ExpiresOn' => time() + 90] + $claims),
    'no number' => $secret->sign('hand-over', ['ExpiresOn' => '9999999999'] + $claims),
    'a session' => $secret->sign('session', $claims),
    'a role that there is not' => $secret->sign('hand-over', ['Role' => 'root'] + $claims),
    'a user with a line break' => $secret->sign('hand-over', ['User' => "eve\r\nTaskqueue-Role: admin"] + $claims),
    'no user' => $secret->sign('hand-over', ['User' => ''] + $claims),
    'no nonce' => $secret->sign('hand-over', array_diff_key($claims, ['Nonce' => 1])),
    'a page elsewhere' => $secret->sign('hand-over', ['Page' => '/evil.example/'] + $claims),
    'a page above' => $secret->sign('hand-over', ['Page' => '../admin'] + $claims),
    'no list' => $secret->sign('hand-over', []),
    'nothing' => '',
    'no signature' => 'x',
    'long' => str_repeat('x', 5000),
];
$valid = $secret->sign('hand-over', $claims);
[$text, $seal] = explode('.', $valid);
$tokens['another text'] = rtrim(strtr(base64_encode(json_encode(['User' => 'admin'] + $claims)), '+/', '-_'), '=') . '.' . $seal;
$tokens['another signature'] = $text . '.' . strrev($seal);
file_put_contents($other = $site->secretFile() . '.other', str_repeat('y', 64));
chmod($other, 0600);
$tokens['another secret'] = (new Secret($other))->sign('hand-over', $claims);
foreach ($tokens as $what => $token) {
    $answer = $site->request("/taskqueue/sign-in?token=$token");
    check($answer['status'] === 403 && stripos($answer['headers'], 'Set-Cookie') === false, "$what is refused: {$answer['status']}");
}
check($site->request('/taskqueue/sign-in?token[]=x')['status'] === 403, 'no text');
check($site->request("/taskqueue/sign-in?token=$valid")['status'] === 303, 'refusing has not used it up');
check(strpos($site->log(), 'it was used before') !== false && strpos($site->log(), $seal) === false, 'the log says why, and no token');

// Sessions
$sessions = [
    'expired' => ['User' => 'eve', 'Role' => 'admin', 'ExpiresOn' => time()],
    'of more than 8 hours' => ['User' => 'eve', 'Role' => 'admin', 'ExpiresOn' => time() + 28900],
    'without an end' => ['User' => 'eve', 'Role' => 'admin'],
    'without a name of its own' => ['User' => 'eve', 'Role' => 'admin', 'ExpiresOn' => time() + 30],
    'of no version' => ['User' => 'eve', 'Role' => 'admin', 'ExpiresOn' => time() + 30, 'Id' => 'x', 'Version' => ''],
    'of a role that there is not' => ['User' => 'eve', 'Role' => 'root', 'ExpiresOn' => time() + 30],
];
foreach ($sessions as $what => $session) {
    $answer = $site->request('/taskqueue/', ['Cookie: taskqueue_session=' . $secret->sign('session', $session)]);
    check($answer['status'] === 401, "a session $what: {$answer['status']}");
}
check($site->request('/taskqueue/', ["Cookie: taskqueue_session=$valid"])['status'] === 401, 'a hand-over is no session');

// A viewer cannot press buttons.
$press = static function (string $cookie, string $action) use ($site): int {
    $page = $site->request('/taskqueue/queues', [$cookie]);
    check($page['status'] === 200, 'the page of queues');
    preg_match('~name="form_token" value="([^"]*)"~', $page['body'], $token);
    $form = http_build_query(['form_token' => $token[1] ?? '']);
    $headers = [$cookie, 'Content-Type: application/x-www-form-urlencoded', 'Sec-Fetch-Site: same-origin'];
    return $site->request($action, $headers, 'POST', $form)['status'];
};
$path = '/taskqueue/queues/sign-in-test/';
check($press($signIn('eve', 'viewer'), $path . 'pause') === 403, 'a viewer may not pause a queue');
check($press($signIn('bob', 'operator'), $path . 'pause') === 303, 'an operator may');
check($press($signIn('alice', 'admin'), $path . 'resume') === 303, 'an administrator, too');

// Over https the cookie is Secure.
$headers = $site->headersOverHttps(HandOver::link('/taskqueue/', $secret, 'ada', 'admin'));
check(strpos($headers, ' 303 ') !== false && strpos($headers, 'SameSite=Lax; Secure') !== false, $headers);
// It is bound to this host: a name that browsers take from no other one.
check(preg_match('~^Set-Cookie: (__Host-taskqueue_session=[\w.-]+); Path=/; Max-Age=28800; HttpOnly; SameSite=Lax; Secure\r$~mi', $headers, $found) === 1, $headers);
$statusOverHttps = static function (string $cookie) use ($site): string {
    return strtok($site->headersOverHttps('/taskqueue/tasks', $cookie), "\r");
};
check(strpos($statusOverHttps("a=b; $found[1]"), ' 200') !== false, 'it opens the pages: ' . $statusOverHttps($found[1]));
check(strpos($statusOverHttps(substr($found[1], 7)), ' 401') !== false, 'without the prefix it counts for nothing over https');

// A faulty setup lets no user sign in.
chmod($site->secretFile(), 0644);
$answer = $site->request('/taskqueue/', [$cookie]);
check($answer['status'] === 500 && strpos($site->log(), 'open to all users: chmod 640') !== false, 'a secret that others can read: ' . $answer['status']);
chmod($site->secretFile(), 0640);
chmod($site->usedDirectory(), 0500);
check($site->request(HandOver::link('/taskqueue/', $secret, 'ada', 'admin'))['status'] === 500, 'a directory that cannot be written');
check(strpos($site->log(), 'cannot be written') !== false, 'and the log says so');
chmod($site->usedDirectory(), 0700);
$refusedBy = static function (callable $action, string $part): void {
    try {
        $action();
        check(false, "refused for $part");
    } catch (InvalidArgumentException | RuntimeException $error) {
        check(strpos($error->getMessage(), $part) !== false, "'{$error->getMessage()}' speaks of $part");
    }
};
file_put_contents($other, 'short');
$refusedBy(static function () use ($other): void {
    new Secret($other);
}, 'shorter than 32');
$refusedBy(static function (): void {
    new Secret('/nonexistent');
}, 'cannot be read');
foreach ([['', 'admin', '', 30, 'name of a user'], ["a\nb", 'admin', '', 30, 'name of a user'], ["\xff", 'admin', '', 30, 'name of a user'],
    ['a', 'root', '', 30, 'no role'], ['a', 'admin', '//evil', 30, 'no page'], ['a', 'admin', '', 61, '1 to 60'], ['a', 'admin', '', 0, '1 to 60']] as $bad) {
    $refusedBy(static function () use ($secret, $bad): void {
        HandOver::link('/taskqueue/', $secret, $bad[0], $bad[1], $bad[2], $bad[3]);
    }, $bad[4]);
}

$parameters = ['TASKQUEUE_BASE_PATH' => '/taskqueue/', 'TASKQUEUE_SIGN_IN_SECRET' => 's', 'TASKQUEUE_SIGN_IN_USED' => 'u'];
foreach ([['TASKQUEUE_SAME_SITE', 'None', 'over https only'], ['TASKQUEUE_SAME_SITE', 'lax', 'must be Lax'], ['TASKQUEUE_SESSION_SECONDS', '59', 'from 60 to'],
    ['TASKQUEUE_SESSION_SECONDS', '1e3', 'from 60 to'], ['TASKQUEUE_BASE_PATH', 'x', "begin and end with '/'"], ['TASKQUEUE_SIGN_IN_USED', '', 'name a directory'],
    ['TASKQUEUE_CMS_ADDRESS', 'javascript:alert(1)', 'a path or an address'], ['TASKQUEUE_CMS_ADDRESS', '//evil', 'a path or an address']] as [$name, $value, $part]) {
    $refusedBy(static function () use ($parameters, $name, $value): void {
        new Settings([$name => $value] + $parameters);
    }, $part);
}
check((new Settings(['TASKQUEUE_SAME_SITE' => 'None', 'HTTPS' => 'on'] + $parameters))->isHttps, 'None over https');

// The site returns the current role of a user: removal and demotion end a session within 30 seconds.
$roles = $site->secretFile() . '.roles.php';
$asked = $site->secretFile() . '.asked';
file_put_contents($roles, "<?php return static function (string \$user): ?string { return json_decode(file_get_contents('$asked'), true)[\$user] ?? null; };");
$session = new Session(new Settings(['TASKQUEUE_SIGN_IN_ROLES' => $roles, 'TASKQUEUE_SIGN_IN_USED' => $site->usedDirectory(), 'TASKQUEUE_SIGN_IN_SECRET' => $site->secretFile()] + $parameters));
$isRefused = static function (string $cookie) use ($session): bool {
    try {
        $session->of($cookie);
        return false;
    } catch (Refused $refused) {
        return true;
    }
};
$ageAnswers = static function () use ($site): void {
    foreach (glob($site->usedDirectory() . '/role-*') as $file) {
        touch($file, time() - 31);
    }
};
foreach (['removed' => '{}', 'demoted' => '{"grace":"viewer"}'] as $what => $now) {
    file_put_contents($asked, '{"grace":"admin"}');
    $ageAnswers();
    check(preg_match('~=([^;]+);~', $session->begin(new Person('grace', 'admin')), $found) === 1 && !$isRefused($found[1]), "before grace is $what");
    file_put_contents($asked, $now);
    check(!$isRefused($found[1]), 'the site is not asked at each request');
    $ageAnswers();
    check($isRefused($found[1]), "$what within 30 seconds");
    file_put_contents($asked, '{"grace":"admin"}');
    $ageAnswers();
    check($isRefused($found[1]), 'a session that has ended does not come back');
}
file_put_contents($roles, '<?php return 1;');
$ageAnswers();
$refusedBy(static function () use ($session): void {
    preg_match('~=([^;]+);~', $session->begin(new Person('grace', 'admin')), $found);
    $session->of($found[1]);
}, 'must return a function');

// Used links are deleted after they have expired.
$old = new UsedOnce($site->usedDirectory(), 120);
check($old->take('old') && !$old->take('old'), 'once');
touch($site->usedDirectory() . '/' . hash('sha256', 'old'), time() - 121);
check($old->take('new') && !is_file($site->usedDirectory() . '/' . hash('sha256', 'old')), 'the old one is gone');
echo "ok\n";
