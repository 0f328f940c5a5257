<?php
// Code that needs more than PHP 7.4, which the check must find, and code that does not.

const PLANTED_FAULTS = [  // found by its tokens
    'echo match (1) { 1 => 2 };',
    'enum Suit { case Hearts; }',
    'enum Suit: string { case Hearts = "H"; }',
    'class A { public readonly int $a; }',
    'readonly class A {}',
    '$a?->b();',
    'f(name: 1);',
    'class A { public function __construct(private int $a) {} }',
    'function f(int|string $a) {}',
    'function f(A&B $a) {}',
    'function f(): int|false {}',
    'class A { private int|null $a; }',
    'function f(#[SensitiveParameter] $a) {}',
    'class A { public function f(): static {} }',
    'f(...);',
    'try { f(); } catch (Exception) {}',
    '$a = $b ?? throw new Exception();',
    'function f(int $a, int $b,) {}',
    '$f = function () use ($a,) {};',
    '$a = 0o17;',
    'interface I { const A = 1; } enum E implements I {}',
    'class A { const string B = "b"; }',
    'trait T { const A = 1; } $a::class . $b?->c;',
    'echo str_contains($a, $b);',
    'echo \str_starts_with($a, $b);',
    'if (str_ends_with($a, $b)) {}',
    'echo get_debug_type($a);',
    'echo array_is_list($a);',
    'echo fdiv(1, 0);',
    'echo get_resource_id($a);',
    'fsync($a);',
    'echo preg_last_error_msg();',
    'echo mysqli_execute_query($a, $b);',
    'class A implements Stringable {}',
    '$a = new WeakMap();',
    'throw new ValueError();',
    'try { f(); } catch (\UnhandledMatchError $e) {}',
    'echo FILTER_VALIDATE_BOOL;',
];

const FAULTS_OF_COMPILING = [
    'class A { final const B = 1; }',
    'function f($a = new A()) {}',
];

const WITHOUT_FAULTS = [
    'class A { private ?int $a = 1; public function f(?int $a): ?self { return $this->a ??= fn($x) => $x; } }',
    'try { f(); } catch (A | B $e) {}',
    'f($a, ...$b,); $c = [...$a]; $d = 1_000;',
    'if (function_exists("str_contains")) { str_contains($a, $b); }',
    '$a->str_contains($b); A::str_contains($b); class B { function str_contains() {} }',
    'echo $a["match"], $a->match, A::MATCH, A::class;',
];
