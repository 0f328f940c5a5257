<?php

namespace TaskQueue\SignIn;

/** The page for a person without a session, in the browser's language. */
final class SignInPage
{
    private const TEXTS = [
        'en' => [
            'title' => 'Please sign in',
            'wanted' => 'The task queue is opened from the administration of the site. Sign in there and open it again.',
            'refused' => 'This link does not count any more: it is for one use, within a minute. Open the task queue from the administration of the site again.',
            'broken' => 'Signing in does not work. The error log of PHP says why.',
            'link' => 'To the administration',
            'leave' => 'Do you want to sign out of the task queue?',
            'button' => 'Sign out',
            'left' => 'You have signed out of the task queue.',
            'notLeft' => 'There is no such session any more, or this form is not from its page.',
        ],
        'de' => [
            'title' => 'Bitte anmelden',
            'wanted' => 'Die Aufgabenwarteschlange wird aus der Verwaltung der Website geöffnet. Melden Sie sich dort an und öffnen Sie sie erneut.',
            'refused' => 'Dieser Link gilt nicht mehr: Er ist für einmalige Verwendung innerhalb einer Minute. Öffnen Sie die Aufgabenwarteschlange erneut aus der Verwaltung der Website.',
            'broken' => 'Die Anmeldung funktioniert nicht. Das Fehlerprotokoll von PHP nennt den Grund.',
            'link' => 'Zur Verwaltung',
            'leave' => 'Möchten Sie sich von der Aufgabenwarteschlange abmelden?',
            'button' => 'Abmelden',
            'left' => 'Sie haben sich von der Aufgabenwarteschlange abgemeldet.',
            'notLeft' => 'Diese Sitzung gibt es nicht mehr, oder dieses Formular stammt nicht von ihrer Seite.',
        ],
        'ru' => [
            'title' => 'Войдите, пожалуйста',
            'wanted' => 'Очередь задач открывается из консоли администратора сайта. Войдите там и откройте её снова.',
            'refused' => 'Эта ссылка больше не действует: она одноразовая и живёт минуту. Откройте очередь задач из консоли администратора снова.',
            'broken' => 'Вход не работает. Причина указана в журнале ошибок PHP.',
            'link' => 'В консоль администратора',
            'leave' => 'Выйти из очереди задач?',
            'button' => 'Выйти',
            'left' => 'Вы вышли из очереди задач.',
            'notLeft' => 'Такого сеанса больше нет, или эта форма не с его страницы.',
        ],
    ];

    /**
     * @param string $why the key of a text
     * @param string $acceptLanguage the Accept-Language header of the browser
     * @param string $signOutToken letters, digits, '-', '_' and '.'; '' for a page without a sign-out form
     */
    public static function html(string $why, string $acceptLanguage, string $cmsAddress, string $signOutToken = ''): string
    {
        $language = self::languageOf($acceptLanguage);
        $texts = self::TEXTS[$language];
        $link = $cmsAddress === '' ? '' : '<p><a href="' . htmlspecialchars($cmsAddress) . "\" target=\"_top\">{$texts['link']}</a></p>\n";
        $form = $signOutToken === '' ? '' : "<form method=\"post\" action=\"out?token=$signOutToken\"><button>{$texts['button']}</button></form>\n";
        $title = $texts[$why === 'leave' || $why === 'left' ? 'button' : 'title'];
        return "<!DOCTYPE html>\n<html lang=\"$language\">\n<meta charset=\"utf-8\">\n<title>$title</title>\n"
            . "<h1>$title</h1>\n<p>{$texts[$why]}</p>\n$form$link";
    }

    private static function languageOf(string $acceptLanguage): string
    {
        foreach (explode(',', strtolower($acceptLanguage)) as $wish) {
            $language = substr(trim($wish), 0, 2);
            if (isset(self::TEXTS[$language])) {
                return $language;
            }
        }
        return 'en';
    }
}
