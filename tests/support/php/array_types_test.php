<?php
// Each array of the package says what is in it: php array_types_test.php. Prints "ok" and exits with 0, or lists the arrays
// that do not. PHPStan would find them too, but neither Debian nor npm has it.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require dirname(__DIR__, 2) . '/php74/psr_log.php';
require __DIR__ . '/checks.php';

/** Tells whether the comment gives the values of an array after this tag, in PHPStan's notation. */
function isSaid(string $comment, string $tag, string $name): bool
{
    $nested = '((?:[^\s<>{}()]|(?<part>[<{(](?:[^<>{}()]|(?&part))*[>})])(?:\s*:\s*\S+)?)+)';
    $end = $name === '' ? '' : '\s+\$' . $name . '\b';
    $text = preg_replace('/^\s*\*\s?/m', ' ', $comment);
    preg_match_all("/@(?:phpstan-)?$tag\s+$nested$end/s", $text, $found);
    foreach ($found[1] as $type) {
        if (preg_match('/\barray\b(?![<{])/', $type) !== 1) {
            return true;
        }
    }
    return false;
}

/** Returns the arrays of the method whose values are not said; those of an overridden method are said there. */
function vagueOf(ReflectionMethod $method, int &$looked): array
{
    $vague = [];
    $comment = (string)$method->getDocComment();
    foreach ($method->getParameters() as $parameter) {
        if (in_array((string)$parameter->getType(), ['array', '?array'], true)) {
            ++$looked;
            $name = $parameter->getName();
            isSaid($comment, 'param', $name) || ($vague[] = "{$method->class}::$method->name(\$$name)");
        }
    }
    if (in_array((string)$method->getReturnType(), ['array', '?array'], true)) {
        ++$looked;
        isSaid($comment, 'return', '') || ($vague[] = "{$method->class}::$method->name()");
    }
    return $vague;
}

function overrides(ReflectionMethod $method): bool
{
    $class = $method->getDeclaringClass();
    foreach (array_merge($class->getInterfaces(), array_filter([$class->getParentClass()])) as $above) {
        if ($above->hasMethod($method->name) && $method->name !== '__construct') {
            return true;
        }
    }
    return false;
}

check(!isSaid('/** @param array $a */', 'param', 'a'), 'a vague array is found');
check(!isSaid('/** @return string */', 'param', 'a'), 'and one that is not named');
check(!isSaid('/** @param array|string $a @param list<int> $b */', 'param', 'a'), 'among others, too');
check(isSaid("/**\n * @param list<array{A: int,\n *     B?: array<int>}>|null \$a\n */", 'param', 'a'), 'a shape is understood');

$root = dirname(__DIR__, 3) . '/module/php/src';
$vague = [];
$looked = 0;
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($root, FilesystemIterator::SKIP_DOTS)) as $file) {
    $class = new ReflectionClass('TaskQueue\\' . str_replace('/', '\\', substr($file->getPathname(), strlen($root) + 1, -4)));
    foreach ($class->getMethods() as $method) {
        if ($method->class === $class->name && $method->getFileName() === $file->getPathname() && !overrides($method)) {
            array_push($vague, ...vagueOf($method, $looked));
        }
    }
    foreach ($class->getProperties() as $property) {
        if (preg_match('/@var\s+\??array\b(?![<{])/', (string)$property->getDocComment()) === 1) {
            $vague[] = "{$class->name}::\$$property->name";
        }
    }
}
check($looked > 50, 'arrays were found');
check($vague === [], count($vague) . " of $looked arrays do not say what is in them:\n" . implode("\n", $vague));
echo "ok\n";
