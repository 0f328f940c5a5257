<?php
// Rules, invariants, decisions and pages of the design, and whether what cites them leads to one.

namespace TaskQueue\Documents;

const DESIGN = 'module/design/';
const LONGEST_LINE = 110;
// Words that look like the id of a decision.
const OTHER_WORDS = ['UTF', 'SHA', 'ISO', 'RFC', 'ECMA', 'EET', 'PSR'];

/** @return array<string, string> the page of each decision by its id */
function decisions(Checkout $checkout): array
{
    $pages = [];
    foreach ($checkout->files('#^module/design/.*\.md$#') as $path => $text) {
        foreach (matches('/^\*\*([A-Z]+-\d+)\./m', $text) as [, $groups]) {
            $pages[$groups[1]] = $path;
        }
    }
    return $pages;
}

/** Lines that are too long, decisions that are defined twice, pages that the table of contents lacks. */
function checkDesignPages(Checkout $checkout): array
{
    $faults = [];
    $seen = [];
    $contents = $checkout->text(DESIGN . 'README.md');
    foreach ($checkout->files('#^module/design/.*\.md$#') as $path => $text) {
        foreach (explode("\n", $text) as $i => $line) {
            $length = mb_strlen($line, 'UTF-8');
            if ($length > LONGEST_LINE) {
                $faults[] = "$path:" . ($i + 1) . ": $length columns; the design has at most " . LONGEST_LINE;
            }
        }
        foreach (matches('/^\*\*([A-Z]+-\d+)\./m', $text) as [$line, $groups]) {
            if (isset($seen[$groups[1]])) {
                $faults[] = "$path:$line: $groups[1] is defined in {$seen[$groups[1]]}, too";
            }
            $seen[$groups[1]] = "$path:$line";
        }
        $name = substr($path, strlen(DESIGN));
        if ($name !== 'README.md' && strpos($contents, "($name)") === false) {
            $faults[] = DESIGN . "README.md: its table of contents lacks $name";
        }
    }
    return $faults;
}

/** @return list<string> the numbers that headings or table rows of rules.md define */
function defined(Checkout $checkout, string $pattern): array
{
    return array_map(static function (array $match): string {
        return $match[1][1];
    }, matches($pattern, $checkout->text(DESIGN . 'rules.md')));
}

function checkCitations(Checkout $checkout): array
{
    $rules = defined($checkout, '/^### Rule (\d+):/m');
    $invariants = defined($checkout, '/^\| (I\d+) \|/m');
    $decisions = decisions($checkout);
    $faults = [];
    foreach ($checkout->files('/./') as $path => $text) {
        if ($path === 'CHANGELOG.md' || strpos($path, 'tests/support/php/documents') === 0) {
            continue;
        }
        $cite = static function (string $what, string $pattern, callable $exists) use (&$faults, $path, $text): void {
            foreach (matches($pattern, $text) as [$line, $groups]) {
                foreach (array_filter(array_slice($groups, 1), 'strlen') as $cited) {
                    if (!$exists($cited)) {
                        $faults[] = "$path:$line: there is no $what $cited in " . DESIGN;
                    }
                }
            }
        };
        $cite('rule', '/\b[Rr]ules? (\d+)\b(?:(?:, \d+)*(?: (?:or|and|to) |–)(\d+))?/', static function (string $number) use ($rules): bool {
            return in_array($number, $rules, true);
        });
        $cite('invariant', '/(?<![\w-])(I\d+)\b(?:(?: to |–)(I\d+))?/', static function (string $id) use ($invariants): bool {
            return in_array($id, $invariants, true);
        });
        $cite('decision', '/(?<![\w-])([A-Z]{2,}-\d+)\b(?![-.\w])/', static function (string $id) use ($decisions): bool {
            return isset($decisions[$id]) || in_array(strtok($id, '-'), OTHER_WORDS, true);
        });
        $cite('page', '#module/design/([a-z_]+\.md|[A-Z]+\.md)#', static function (string $page) use ($checkout): bool {
            return $checkout->exists(DESIGN . $page);
        });
        $cite('section', '/(\bDESIGN\b ?§?\d*|\b[Dd]ecisions? \d+|\bdesign document\b)/', static function (): bool {
            return false;
        });
    }
    return $faults;
}
