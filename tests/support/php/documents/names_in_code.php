<?php
// Reads the code's settings, metrics, addresses and exit codes from its text.

namespace TaskQueue\Documents;

/** Sections of which the file may have several, and the word by which documents name one. */
const SECTIONS_BY_NAME = ['handler', 'import', 'worker', 'import_columns'];
const SYSEXITS = ['EX_USAGE' => 64, 'EX_DATAERR' => 65, 'EX_UNAVAILABLE' => 69, 'EX_SOFTWARE' => 70, 'EX_IOERR' => 74,
    'EX_TEMPFAIL' => 75, 'EX_NOPERM' => 77, 'EX_CONFIG' => 78];

/** Functions and other blocks of a source file, each with what belongs to it. */
function blocks(string $source): array
{
    return preg_split('/^}\n/m', $source) ?: [];
}

/**
 * Keys that a block reads: "section.name", and those whose section a helper of the block adds.
 * @return list<string>
 */
function keysOfBlock(string $block): array
{
    $keys = [];
    foreach (matches('/"([a-z_]+\.[a-z0-9_]+)"/', $block) as [, $groups]) {
        $keys[] = $groups[1];
    }
    foreach (matches('/auto (\w+) = \[[^\]]*\]\((?:(?!\n  };).)*?"([a-z_]+)\."\)? \+ key/s', $block) as [, $groups]) {
        foreach (matches('/\b' . $groups[1] . '\("([a-z_]+)"/', $block) as [, $call]) {
            $keys[] = "$groups[2].$call[1]";
        }
    }
    return $keys;
}

/** @return list<string> what [product_import] has in common with imports that have a name */
function keysOfImports(string $block): array
{
    if (strpos($block, '"import." + name') !== false) {
        return [];  // of those with a name alone
    }
    return array_map(static function (array $match): string {
        return 'product_import.' . $match[1][1];
    }, matches('/to\.section \+ "\.([a-z_]+)"/', $block));
}

/**
 * The settings: full keys, and for sections that have a name of their own "NAME.key" with the section's kind.
 * @return list<string>
 */
function settingsOfCode(Checkout $checkout): array
{
    $keys = [];
    $named = [];
    foreach ($checkout->files('#^module/.*\.cpp$#') as $text) {
        if (strpos($text, 'SettingsFile& file') === false) {
            continue;
        }
        foreach (blocks($text) as $block) {
            $keys = array_merge($keys, keysOfBlock($block), keysOfImports($block));
        }
        foreach (matches('/std::array<std::string_view, \d+> k(\w+)Settings\{(.*?)\}/s', $text) as [, $groups]) {
            $kind = ['Handler' => 'handler', 'Import' => 'import', 'Host' => 'worker', 'Pool' => 'worker',
                'WorkerPool' => 'worker'][$groups[1]] ?? $groups[1];
            foreach (matches('/"([a-z_]+)"/', $groups[2]) as [, $name]) {
                $named[] = "$kind.NAME.$name[1]";
            }
        }
    }
    return array_values(array_unique(array_merge($keys, $named)));
}

/** @return list<string> of what operators are told */
function eventsOfCode(Checkout $checkout): array
{
    $events = [];
    foreach ($checkout->files('#^module/health/.*\.cpp$#') as $text) {
        foreach (matches('/"([a-z_]+\.[a-z_]+)"/', $text) as [, $groups]) {
            $events[] = $groups[1];
        }
    }
    return $events;
}

/** @return list<string> without the prefix taskqueue_ */
function metricsOfCode(Checkout $checkout): array
{
    $names = [];
    foreach ($checkout->files('#^module/web/metrics\.cpp$#') as $text) {
        foreach (matches('/\.begin\("([a-z_]+)"/', $text) as [, $groups]) {
            $names[] = $groups[1];
        }
    }
    foreach ($checkout->files('#^module/.*\.h$#') as $text) {
        if (strpos($text, 'enum class Counter') !== false) {
            foreach (matches('/return "([a-z_]+)";/', $text) as [, $groups]) {
                $names[] = "$groups[1]_total";
            }
        }
    }
    return $names;
}

/** @return list<string> such as "GET tasks/{Id}"; the base path is "GET " */
function addressesOfCode(Checkout $checkout): array
{
    $addresses = [];
    foreach (blocks($checkout->text('module/web/routes.cpp')) as $block) {
        if (preg_match('/to\.push_back\(\{"(GET|POST)"/', $block, $own) !== 1) {
            $own = [1 => ''];
        }
        foreach (matches('/\badd(?:AsByApi)?\((?:"([A-Z]+)", )?\{([^{}]*(?:\{[A-Za-z]+\}[^{}]*)*)\}/', $block) as [, $groups]) {
            $segments = array_map(static function (array $match): string {
                return $match[1][1];
            }, matches('/"([^"]+)"/', $groups[2]));
            $addresses[] = ($groups[1] !== '' ? $groups[1] : $own[1]) . ' ' . implode('/', $segments);
        }
    }
    return array_values(array_unique($addresses));
}

/** @return array<string, list<int>> exit codes by program, besides 0, in ascending order */
function exitCodesOfCode(Checkout $checkout): array
{
    $files = [
        'taskqueue' => '#^module/command_line/.*\.cpp$#',
        'task-runner' => '#^runner/(main|worker_host|worker_main)\.cpp$|^runner/worker_main/.*\.cpp$#',
        'taskqueue-fcgi' => '#^module/web/main\.cpp$#',
        'worker.php' => '#^module/php/(worker\.php|src/Worker/.*\.php)$#',
    ];
    $codes = [];
    foreach ($files as $program => $pattern) {
        $of = [];
        foreach ($checkout->files($pattern) as $path => $text) {
            foreach (matches('/\b(EX_(?!OK)[A-Z]+)\b|\bexit\((\d+)\)|\bEXIT_[A-Z]+ = (\d+)/', $text) as [, $groups]) {
                $code = (string) end($groups);
                $of[] = SYSEXITS[$code] ?? (int) $code;
            }
            if ($program === 'taskqueue' && preg_match('/^ +return 1;|\? EX_OK : 1;|\? 1 : EX_OK;/m', $text) === 1) {
                $of[] = 1;
            }
        }
        $of = array_values(array_unique(array_filter($of)));
        sort($of);
        $codes[$program] = $of;
    }
    return $codes;
}
