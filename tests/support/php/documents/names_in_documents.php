<?php
// Compares the names in the documents with those in the code.

namespace TaskQueue\Documents;

const SETTINGS = DESIGN . 'settings.md';
const ADDRESSES = DESIGN . 'pages.md';
const EXIT_CODES = DESIGN . 'operation.md';
const METRICS = 'module/web/README.md';

/** @return list<string> of a table of settings: full keys, and those of sections, which stand in the first cell */
function settingsOfPage(string $text): array
{
    $named = [];
    $section = '';
    foreach (explode("\n", $text) as $line) {
        if (preg_match('/^(?!\|).*`\[([a-z_.A-Z]+)\]`/', $line, $found) === 1) {
            $section = $found[1];  // the last section that the text names holds for the table below
            preg_match_all('/`\[([a-z_.A-Z]+)\]`/', $line, $all);
            $section = end($all[1]);
        }
        if (strpos($line, '#') === 0) {
            $section = '';
        }
        if (strpos($line, '|') !== 0) {
            continue;
        }
        $cells = array_map('trim', explode('|', trim($line, '|')));
        $own = preg_match('/^`\[([a-z_.A-Z]+)\]`$/', $cells[0], $found) === 1 ? $found[1] : null;
        foreach (matches('/`([a-z0-9_.]+)`/', $own === null ? $cells[0] : $cells[1]) as [, $groups]) {
            $in = $own ?? $section;
            $named[] = strpos($groups[1], '.') !== false || $in === '' ? $groups[1] : "$in.$groups[1]";
        }
    }
    return $named;
}

/** @return list<array{int, string}> the line and key of each setting that a document names with its section */
function settingsOfDocument(string $text, array $sections): array
{
    $named = [];
    $words = implode('|', array_map('preg_quote', $sections));
    foreach (matches("/`((?:$words)\\.[a-z0-9_]+)(?:=[^`]*)?`/", $text) as [$line, $groups]) {
        if (preg_match('/\.(php|cpp|h|md)$/', $groups[1]) !== 1) {
            $named[] = [$line, $groups[1]];
        }
    }
    foreach (matches('/^```ini\n(.*?)^```/ms', $text) as [$line, $groups]) {
        $section = '';
        foreach (explode("\n", $groups[1]) as $i => $entry) {
            if (preg_match('/^\[([^\]]+)\]$/', $entry, $found) === 1) {
                $section = $found[1];
            } elseif (preg_match('/^([^=;#]+)=/', $entry, $found) === 1) {
                $named[] = [$line + 1 + $i, "$section.$found[1]"];
            }
        }
    }
    return $named;
}

/** "handler.ReportMailer.command" is "handler.NAME.command"; null where any key is right. */
function generalKey(string $key): ?string
{
    $parts = explode('.', $key, 3);
    if (in_array($parts[0], ['import_columns', 'product_columns', 'sensitive_members'], true)) {
        return null;
    }
    return in_array($parts[0], SECTIONS_BY_NAME, true) && count($parts) === 3 ? "$parts[0].NAME.$parts[2]" : $key;
}

function checkSettings(Checkout $checkout): array
{
    $known = settingsOfCode($checkout);
    $faults = $known === [] ? ['no settings were found in the code'] : [];
    foreach (array_diff($known, settingsOfPage($checkout->text(SETTINGS))) as $setting) {
        $faults[] = SETTINGS . ": the setting $setting is missing";
    }
    foreach (settingsOfPage($checkout->text(SETTINGS)) as $setting) {
        if (generalKey($setting) !== null && !in_array($setting, $known, true)) {
            $faults[] = SETTINGS . ": there is no setting $setting";
        }
    }
    $sections = array_unique(array_map(static function (string $key): string {
        return strtok($key, '.');
    }, $known));
    $known = array_merge($known, eventsOfCode($checkout));  // some events are named like settings
    foreach ($checkout->documents() as $path => $text) {
        foreach (settingsOfDocument($text, array_diff($sections, SECTIONS_BY_NAME)) as [$line, $key]) {
            $general = generalKey($key);
            if ($general !== null && !in_array($general, $known, true)) {
                $faults[] = "$path:$line: there is no setting $key";
            }
        }
    }
    return $faults;
}

function checkMetrics(Checkout $checkout): array
{
    $known = metricsOfCode($checkout);
    $faults = $known === [] ? ['no metrics were found in the code'] : [];
    $named = [];
    if (preg_match('/^##+ Metrics$(.*?)(?=^##? |\z)/ms', $checkout->text(METRICS), $section) === 1) {
        foreach (matches('/^\|(.*?)\|/m', $section[1]) as [, $row]) {
            foreach (matches('/`([a-z_]+[a-z])[`{]/', $row[1]) as [, $groups]) {
                $named[] = $groups[1];
            }
        }
    }
    foreach ($checkout->documents() as $text) {
        foreach (matches('/`taskqueue_([a-z_]+[a-z])[`{]/', $text) as [, $groups]) {
            $named[] = $groups[1];
        }
    }
    foreach (array_diff($known, $named) as $metric) {
        $faults[] = METRICS . ": the metric $metric is missing";
    }
    foreach (array_diff(array_unique($named), $known) as $metric) {
        $faults[] = METRICS . ": there is no metric $metric";
    }
    return $faults;
}

/** Whether the address, in which names may stand for {Id} and {Name}, is one of these. */
function isAddress(string $address, array $known): bool
{
    foreach ($known as $pattern) {
        $expression = preg_replace('/\\\\\{[A-Za-z]+\\\\\}/', '[^/]+', preg_quote($pattern, '#'));
        if (preg_match("#^$expression\$#", $address) === 1) {
            return true;
        }
    }
    return false;
}

function checkAddresses(Checkout $checkout): array
{
    $known = addressesOfCode($checkout);
    $faults = $known === [] ? ['no addresses were found in the code'] : [];
    $pathsAlone = array_map(static function (string $address): string {
        return explode(' ', $address, 2)[1];
    }, $known);
    $named = ['GET '];
    foreach ($checkout->documents() as $path => $text) {
        foreach (matches('#`(GET|POST|PUT|PATCH|DELETE) ([^\s`?]+)[^`]*`#', $text) as [$line, $groups]) {
            $named[] = "$groups[1] $groups[2]";
            if (!isAddress("$groups[1] $groups[2]", $known)) {
                $faults[] = "$path:$line: there is no address $groups[1] $groups[2]";
            }
        }
        foreach (matches('#(?:`|\$BASE_URL/)((?:api/v1|events)/[^\s`?\'"]*[^\s`?\'"./…])#', $text) as [$line, $groups]) {
            if (!isAddress($groups[1], $pathsAlone)) {
                $faults[] = "$path:$line: there is no address $groups[1]";
            }
        }
    }
    foreach (array_diff($known, $named) as $address) {
        $faults[] = ADDRESSES . ": the address $address is missing";
    }
    return $faults;
}

function checkExitCodes(Checkout $checkout): array
{
    $faults = [];
    $rows = [];
    if (preg_match('/^## Exit codes$(.*?)(?=^## |\z)/ms', $checkout->text(EXIT_CODES), $section) === 1) {
        foreach (matches('/^\|(.*)\|$/m', $section[1]) as [, $row]) {
            $rows[] = array_map('trim', explode('|', $row[1]));
        }
    }
    $programs = array_shift($rows) ?? [];
    foreach (exitCodesOfCode($checkout) as $program => $codes) {
        $column = array_search("`$program`", $programs, true);
        $named = [];
        foreach ($rows as $row) {
            if ((int) $row[0] > 0 && $column !== false && $row[$column] !== '') {
                $named[] = (int) $row[0];
            }
        }
        foreach (array_diff($codes, $named) as $code) {
            $faults[] = EXIT_CODES . ": the exit code $code of $program is missing";
        }
        foreach (array_diff($named, $codes) as $code) {
            $faults[] = EXIT_CODES . ": $program never ends with $code";
        }
    }
    return $faults;
}
