<?php

namespace TaskQueue;

/**
 * The states of a pattern. A place in a text is the set of states that are reached there, as their numbers: "3,7". No text
 * that follows can match at the place ''.
 */
final class SchemaPatternStates
{
    private const ESCAPES = ['f' => "\f", 'n' => "\n", 'r' => "\r", 't' => "\t", 'v' => "\v"];
    private const LAST = 0;  // the state at the end of the pattern

    /** @var string what is not read yet */
    private $rest;
    /** @var list<array{string|null, list<int>}> of each state: an expression of one character, or null; the next states */
    private $states = [[null, []]];
    /** @var bool whether the pattern has a ^ or $; they hold for the whole pattern, wherever they stand */
    private $beginsAtBegin = false;
    /** @var bool */
    private $endsAtEnd = false;
    /** @var string */
    private $start;

    public function __construct(string $pattern)
    {
        $this->rest = $pattern;
        $this->start = $this->placeOf([$this->add($this->alternatives(), self::LAST)]);
        $this->rest = '';
    }

    public function start(): string
    {
        return $this->start;
    }

    public function endsAtEnd(): bool
    {
        return $this->endsAtEnd;
    }

    public function isEnd(string $place): bool
    {
        return $place === (string)self::LAST || strpos($place, self::LAST . ',') === 0;
    }

    public function next(string $place, string $character): string
    {
        $next = [];
        $fits = [];
        foreach (explode(',', $place) as $state) {
            [$expression, $following] = $this->states[(int)$state];
            if ($expression !== null && ($fits[$expression] = $fits[$expression] ?? preg_match($expression, $character)) === 1) {
                $next[] = $following[0];
            }
        }
        $reached = $this->placeOf($next);
        return $this->beginsAtBegin || $reached === $this->start ? $reached : $this->together($reached);
    }

    /** A match may begin at each place of the text. */
    private function together(string $place): string
    {
        return $place === '' ? $this->start : $this->placeOf(array_map('intval', explode(',', "$place,$this->start")));
    }

    /** @param list<int> $states */
    private function placeOf(array $states): string
    {
        $reached = [];
        $seen = [];
        while ($states !== []) {
            $state = array_pop($states);
            if (isset($seen[$state])) {
                continue;
            }
            $seen[$state] = true;
            [$expression, $following] = $this->states[$state];
            if ($expression !== null || $state === self::LAST) {
                $reached[] = $state;
            } else {
                array_push($states, ...$following);
            }
        }
        sort($reached);
        return implode(',', $reached);
    }

    /**
     * Adds the states of the part, and returns its first one.
     *
     * @param array{string, mixed, mixed} $part
     */
    private function add(array $part, int $next): int
    {
        [$kind, $content, $count] = $part;
        switch ($kind) {
            case 'character':
                return $this->state($content, [$next]);
            case 'sequence':
                foreach (array_reverse($content) as $item) {
                    $next = $this->add($item, $next);
                }
                return $next;
            case 'alternatives':
                return $this->state(null, array_map(function (array $item) use ($next): int {
                    return $this->add($item, $next);
                }, $content));
        }
        [$least, $most] = $count;
        if ($most === null) {
            $loop = $this->state(null, [$next]);
            $this->states[$loop][1][] = $this->add($content, $loop);
            $next = $loop;
        }
        $end = $next;
        for ($more = $least; $more < $most; ++$more) {
            $next = $this->state(null, [$end, $this->add($content, $next)]);
        }
        for ($needed = 0; $needed < $least; ++$needed) {
            $next = $this->add($content, $next);
        }
        return $next;
    }

    /** @param list<int> $following */
    private function state(?string $expression, array $following): int
    {
        $this->states[] = [$expression, $following];
        return count($this->states) - 1;
    }

    /** @return array{string, mixed, mixed} */
    private function alternatives(): array
    {
        $all = [];
        do {
            $items = [];
            while ($this->rest !== '' && strpos('|)', $this->rest[0]) === false) {
                $item = $this->item();
                if ($item !== null) {
                    $items[] = $this->repeated($item);
                }
            }
            $all[] = ['sequence', $items, null];
        } while ($this->take('/^\|/') !== null);
        return count($all) === 1 ? $all[0] : ['alternatives', $all, null];
    }

    /** @return array{string, mixed, mixed}|null null: a sign that holds for the whole pattern */
    private function item(): ?array
    {
        if ($this->take('/^\^/') !== null) {
            $this->beginsAtBegin = true;
            return null;
        }
        if ($this->take('/^\$/') !== null) {
            $this->endsAtEnd = true;
            return null;
        }
        if ($this->take('/^\(/') !== null) {
            $group = $this->alternatives();
            $this->take('/^\)/');
            return $group;
        }
        $text = $this->take('/^(?:\\\\.|\[\^?(?:\\\\.|[^\]\\\\])+\]|.)/us') ?? $this->take('/^./s') ?? '';
        return ['character', self::expressionOf($text), null];
    }

    /**
     * @param array{string, mixed, mixed} $item
     * @return array{string, mixed, mixed}
     */
    private function repeated(array $item): array
    {
        $sign = $this->take('/^(?:[*+?]|\{\d+(?:,\d*)?\})/');
        if ($sign === null) {
            return $item;
        }
        $counts = ['*' => [0, null], '+' => [1, null], '?' => [0, 1]][$sign] ?? null;
        if ($counts === null) {
            $numbers = explode(',', trim($sign, '{}'));
            $counts = [(int)$numbers[0], ($numbers[1] ?? $numbers[0]) === '' ? null : (int)($numbers[1] ?? $numbers[0])];
        }
        return ['repeated', $item, $counts];
    }

    private static function expressionOf(string $text): string
    {
        if ($text[0] === '[') {
            $class = str_replace('/', '\/', str_replace('\/', '/', $text));
            return '/^' . (preg_replace('/(\\\\)v/', '\x0B', $class) ?? $class) . '$/Dus';
        }
        if ($text === '.') {
            return '/^.$/Dus';
        }
        $character = $text[0] === '\\' ? self::ESCAPES[$text[1] ?? ''] ?? substr($text, 1) : $text;
        return '/^' . preg_quote($character, '/') . '$/Dus';
    }

    private function take(string $expression): ?string
    {
        if (preg_match($expression, $this->rest, $found) !== 1) {
            return null;
        }
        $this->rest = substr($this->rest, strlen($found[0]));
        return $found[0];
    }
}
