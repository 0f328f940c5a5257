<?php
// Runs in PHP 7.4 with the checkout in /checkout and a newer PHP's symbols in /symbols.json. Prints JSON: the problems, and how
// much was checked.

require '/checkout/tests/php74/NewerNames.php';
require '/checkout/tests/php74/planted.php';

$names = new NewerNames(json_decode(file_get_contents('/symbols.json'), true));

/** Returns why this PHP or its library does not have what the code uses; null if it has all. */
$problemOf = static function (string $code) use ($names): ?string {
    try {
        $tokens = token_get_all($code, TOKEN_PARSE);
    } catch (ParseError $error) {
        return "line {$error->getLine()}: {$error->getMessage()}";
    }
    return $names->findIn($tokens);
};

/** Returns the blocks of PHP in a Markdown file; what is a part of a class becomes one. */
$blocksOf = static function (string $text) use ($problemOf): array {
    preg_match_all('/^```php\n(.*?)^```/ms', $text, $blocks);
    return array_map(static function (string $block): string {
        $code = strncmp($block, '<?php', 5) === 0 ? $block : "<?php\n$block";
        return preg_match('/^(public|private|protected) /m', $block) === 1 && strpos($block, 'class ') === false
            ? "<?php class PartOfOne {\n$block\n}" : $code;
    }, $blocks[1]);
};

$problems = [];
foreach (PLANTED_FAULTS as $fault) {
    if ($problemOf("<?php\n$fault") === null) {
        $problems[] = "the check itself does not find: $fault";
    }
}
foreach (WITHOUT_FAULTS as $code) {
    $problem = $problemOf("<?php\n$code");
    if ($problem !== null) {
        $problems[] = "the check itself refuses: $code: $problem";
    }
}
$files = 0;
$classes = [];
$codes = [];  // to compile, since no class of the package is loaded from them
$package = new RecursiveDirectoryIterator('/checkout/module/php', FilesystemIterator::SKIP_DOTS);
foreach (new RecursiveIteratorIterator($package) as $file) {
    $path = substr($file->getPathname(), strlen('/checkout/'));
    $text = file_get_contents($file->getPathname());
    $isPhp = substr($path, -4) === '.php';
    foreach ($isPhp ? [$text] : $blocksOf($text) as $number => $code) {
        ++$files;
        $name = $path . ($isPhp ? '' : ' block ' . ($number + 1));
        $problem = $problemOf($code);
        if ($problem !== null) {
            $problems[] = "$name: $problem";
        } elseif (strncmp($path, 'module/php/src/', 15) !== 0) {
            $codes[$name] = $code;
        }
    }
    if ($isPhp && strncmp($path, 'module/php/src/', 15) === 0) {
        $classes[] = 'TaskQueue\\' . str_replace('/', '\\', substr($path, 15, -4));
    }
}
sort($classes);
echo json_encode(['problems' => $problems, 'files' => $files, 'classes' => $classes, 'codes' => $codes,
    'faultsOfCompiling' => FAULTS_OF_COMPILING, 'faults' => count(PLANTED_FAULTS) + count(FAULTS_OF_COMPILING)]);
