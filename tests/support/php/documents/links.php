<?php
// Relative links of documents, and the anchors of headings as GitHub makes them.

namespace TaskQueue\Documents;

/** A document without its fenced code, whose lines stay where they are. */
function withoutCode(string $text): string
{
    return (string) preg_replace_callback('/^( *)```.*?^\1```/ms', static function (array $found): string {
        return str_repeat("\n", substr_count($found[0], "\n"));
    }, $text);
}

/** @return list<string> */
function anchors(string $text): array
{
    $anchors = [];
    $counts = [];
    foreach (matches('/^#{1,6} +(.*?) *#*$/m', withoutCode($text)) as [, $groups]) {
        $words = (string) preg_replace('/\[([^\]]*)\]\([^)]*\)/', '$1', $groups[1]);
        $words = mb_strtolower($words, 'UTF-8');
        $anchor = str_replace(' ', '-', (string) preg_replace('/[^\p{L}\p{N}\p{M}_ -]/u', '', $words));
        $again = $counts[$anchor] ?? 0;
        $counts[$anchor] = $again + 1;
        $anchors[] = $again === 0 ? $anchor : "$anchor-$again";
    }
    return $anchors;
}

/** The path of a link's target relative to the checkout; null when it lies outside. */
function resolve(string $document, string $target): ?string
{
    $parts = $target === '' ? explode('/', $document) : array_merge(explode('/', dirname($document)), explode('/', $target));
    $path = [];
    foreach ($parts as $part) {
        if ($part === '..' && array_pop($path) === null) {
            return null;
        }
        if ($part !== '..' && $part !== '.' && $part !== '') {
            $path[] = $part;
        }
    }
    return implode('/', $path);
}

function faultOfLink(Checkout $checkout, string $document, string $link): ?string
{
    [$target, $anchor] = array_pad(explode('#', $link, 2), 2, '');
    $path = resolve($document, $target);
    if ($path === null || !$checkout->exists($path)) {
        return "the link $link leads nowhere";
    }
    if ($anchor !== '' && substr($path, -3) === '.md' && !in_array($anchor, anchors($checkout->text($path)), true)) {
        return "the link $link: $path has no such heading";
    }
    return null;
}

function checkLinks(Checkout $checkout): array
{
    $faults = [];
    foreach ($checkout->files('/\.md$/') as $document => $text) {
        $pattern = '/\]\(([^()\s]+)(?: "[^"]*")?\)|^\[[^\]]+\]: +(\S+)|(?:src|href)="([^"]+)"/m';
        foreach (matches($pattern, withoutCode($text)) as [$line, $groups]) {
            $link = (string) end($groups);
            if (preg_match('/^[a-z]+:/', $link) === 1) {
                continue;
            }
            $fault = faultOfLink($checkout, $document, $link);
            if ($fault !== null) {
                $faults[] = "$document:$line: $fault";
            }
        }
    }
    return $faults;
}
