<?php
// A small template compiler of the In-Portal kind: <inp2:…/> tags and blocks must be closed. Returns the task handlers that
// compile with it.

use TaskQueue\TemplateCompile;
use TaskQueue\TemplateError;

final class FixtureCompiler
{
    public function compile(string $file): void
    {
        $open = [];
        foreach (file($file) as $number => $line) {
            preg_match_all('~<(/?)inp2:(\w+)[^>]*?(/?)(>|$)~m', $line, $tags, PREG_SET_ORDER);
            foreach ($tags as [, $isEnd, $name, $isWhole, $end]) {
                if ($end !== '>') {
                    throw new TemplateError("the tag $name is not closed", $number + 1);
                }
                if ($isEnd === '' && $isWhole === '') {
                    $open[] = [$name, $number + 1];
                } elseif ($isEnd !== '') {
                    array_pop($open);
                }
            }
        }
        if ($open !== []) {
            throw new TemplateError("the block {$open[0][0]} has no end", $open[0][1]);
        }
    }
}

return TemplateCompile::compileBy([new FixtureCompiler(), 'compile'], __DIR__ . '/templates');
