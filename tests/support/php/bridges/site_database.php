<?php
// The test writes the site's access to its database into a file beside the worker's bootstrap file.

function siteDatabase(): array
{
    $file = getenv('HOME_DIR') === false ? dirname(__DIR__) . '/site.json' : getenv('HOME_DIR') . '/handlers/site.json';
    $text = @file_get_contents($file);
    if ($text === false) {
        throw new RuntimeException("the site's $file cannot be read");
    }
    return json_decode($text, true);
}
