<?php

/** Finds functions, classes and constants that PHP had only after 7.4, in the tokens of a file. */
final class NewerNames
{
    private const OF_COMMAND_LINE = ['STDIN', 'STDOUT', 'STDERR'];

    /** @var array<string, true> */
    private $functions = [];
    /** @var array<string, true> */
    private $classes = [];
    /** @var array<string, true> */
    private $constants = [];

    /** @param array<string, array{functions: string[], classes: string[], constants: string[]}> $newer by extension */
    public function __construct(array $newer)
    {
        // An extension that is missing here tells nothing about its names.
        foreach (array_intersect_key($newer, array_flip(array_map('strtolower', get_loaded_extensions()))) as $names) {
            foreach ($names['functions'] as $name) {
                function_exists($name) || ($this->functions[$name] = true);
            }
            foreach ($names['classes'] as $name) {
                class_exists($name) || interface_exists($name) || ($this->classes[$name] = true);
            }
            foreach (array_diff($names['constants'], self::OF_COMMAND_LINE) as $name) {
                defined($name) || ($this->constants[$name] = true);
            }
        }
    }

    /**
     * Returns the first such name, unless the file asks before whether it exists; null if there is none.
     *
     * @param array<int, array{int, string, int}|string> $tokens
     */
    public function findIn(array $tokens): ?string
    {
        $tokens = array_values(array_filter($tokens, static function ($token): bool {
            return !in_array($token[0], [T_WHITESPACE, T_COMMENT, T_DOC_COMMENT], true);
        }));
        $asked = [];  // texts are the arguments of function_exists() and its kind
        foreach ($tokens as $token) {
            if ($token[0] === T_CONSTANT_ENCAPSED_STRING) {
                $asked[strtolower(trim($token[1], '\'"\\'))] = true;
            }
        }
        foreach ($tokens as $at => $token) {
            if ($token[0] !== T_STRING) {
                continue;
            }
            $kind = $this->kindOf($token[1], $tokens[$at - 1][0] ?? '', $tokens[$at + 1][0] ?? '');
            if ($kind !== null && !isset($asked[strtolower($token[1])])) {
                return "line {$token[2]}: PHP 7.4 has no $kind {$token[1]}";
            }
        }
        return null;
    }

    /**
     * @param int|string $before
     * @param int|string $after
     */
    private function kindOf(string $name, $before, $after): ?string
    {
        if (in_array($before, [T_OBJECT_OPERATOR, T_DOUBLE_COLON, T_FUNCTION, T_CONST, T_CLASS, T_INTERFACE, T_TRAIT], true)) {
            return null;
        }
        if ($after === '(' && $before !== T_NEW) {
            return isset($this->functions[strtolower($name)]) ? 'function' : null;
        }
        if (isset($this->classes[strtolower($name)])) {
            return 'class';
        }
        return isset($this->constants[$name]) ? 'constant' : null;
    }
}
