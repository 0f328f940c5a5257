<?php
// Prints the functions, classes and constants of this PHP's extensions as JSON: extension => kind => names in lower case.

$symbols = [];
foreach (get_loaded_extensions() as $extension) {
    $reflected = new ReflectionExtension($extension);
    $symbols[strtolower($extension)] = [
        'functions' => array_map('strtolower', array_keys($reflected->getFunctions())),
        'classes' => array_map('strtolower', $reflected->getClassNames()),
        'constants' => array_keys($reflected->getConstants()),
    ];
}
echo json_encode($symbols);
