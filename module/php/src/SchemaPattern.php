<?php

namespace TaskQueue;

/**
 * Matches the patterns that a handler's schema may have (module/json/pattern.h), as the queue's engine does: it follows all
 * ways through the pattern at once, so that the time grows with the text only. PCRE would take hours for some texts, and
 * refuse long ones.
 */
final class SchemaPattern
{
    private const MOST_KEPT = 100;    // patterns
    private const MOST_STEPS = 2048;  // places and characters whose next place one pattern remembers

    /** @var array<string, self> by their pattern */
    private static $kept = [];

    /** @var SchemaPatternStates */
    private $states;
    /** @var array<string, array<string, string>> the next place by place and character */
    private $steps = [];
    /** @var int */
    private $stepCount = 0;

    private function __construct(string $pattern)
    {
        $this->states = new SchemaPatternStates($pattern);
    }

    public static function matches(string $pattern, string $text): bool
    {
        if (!isset(self::$kept[$pattern])) {
            self::$kept = count(self::$kept) >= self::MOST_KEPT ? [] : self::$kept;
            self::$kept[$pattern] = new self($pattern);
        }
        $end = strpos($text, "\0");  // the queue's engine sees no further
        return self::$kept[$pattern]->isIn($end === false ? $text : substr($text, 0, $end));
    }

    private function isIn(string $text): bool
    {
        $states = $this->states;
        $place = $states->start();
        $bytes = strlen($text);
        for ($at = 0; $at < $bytes; $at += strlen($character)) {
            if (!$states->endsAtEnd() && $states->isEnd($place)) {
                return true;
            }
            $lead = ord($text[$at]);
            $character = $lead < 0x80 ? $text[$at] : substr($text, $at, $lead < 0xE0 ? 2 : ($lead < 0xF0 ? 3 : 4));
            $place = $this->steps[$place][$character] ?? $this->step($place, $character);
            if ($place === '') {
                return false;
            }
        }
        return $states->isEnd($place);
    }

    private function step(string $place, string $character): string
    {
        if (++$this->stepCount > self::MOST_STEPS) {
            $this->steps = [];
            $this->stepCount = 1;
        }
        return $this->steps[$place][$character] = $this->states->next($place, $character);
    }
}
