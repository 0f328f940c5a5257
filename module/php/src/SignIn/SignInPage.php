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
        ],
        'de' => [
            'title' => 'Bitte anmelden',
            'wanted' => 'Die Aufgabenwarteschlange wird aus der Verwaltung der Website geöffnet. Melden Sie sich dort an und öffnen Sie sie erneut.',
            'refused' => 'Dieser Link gilt nicht mehr: Er ist für einmalige Verwendung innerhalb einer Minute. Öffnen Sie die Aufgabenwarteschlange erneut aus der Verwaltung der Website.',
            'broken' => 'Die Anmeldung funktioniert nicht. Das Fehlerprotokoll von PHP nennt den Grund.',
            'link' => 'Zur Verwaltung',
        ],
        'ru' => [
            'title' => 'Войдите, пожалуйста',
            'wanted' => 'Очередь задач открывается из консоли администратора сайта. Войдите там и откройте её снова.',
            'refused' => 'Эта ссылка больше не действует: она одноразовая и живёт минуту. Откройте очередь задач из консоли администратора снова.',
            'broken' => 'Вход не работает. Причина указана в журнале ошибок PHP.',
            'link' => 'В консоль администратора',
        ],
    ];

    /**
     * @param string $why            wanted, refused or broken
     * @param string $acceptLanguage as the browser says it
     */
    public static function html(string $why, string $acceptLanguage, string $cmsAddress): string
    {
        $language = self::languageOf($acceptLanguage);
        $texts = self::TEXTS[$language];
        $link = $cmsAddress === '' ? '' : '<p><a href="' . htmlspecialchars($cmsAddress) . "\" target=\"_top\">{$texts['link']}</a></p>\n";
        return "<!DOCTYPE html>\n<html lang=\"$language\">\n<meta charset=\"utf-8\">\n<title>{$texts['title']}</title>\n"
            . "<h1>{$texts['title']}</h1>\n<p>{$texts[$why]}</p>\n$link";
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
