<?php
// Writes the language packs that In-Portal imports: php language_packs.php DIRECTORY
// Untested against a live In-Portal: the form is that of its own packs, with phrases in base64.

if ($argc !== 2 || !is_dir($argv[1])) {
    fwrite(STDERR, "usage: php language_packs.php DIRECTORY\n");
    exit(64);
}
$phrases = require __DIR__ . '/phrases.php';
foreach (array('English', 'German', 'Russian') as $index => $language) {
    $text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LANGUAGES>\n  <LANGUAGE PackName=\"$language\" Encoding=\"base64\">\n    <PHRASES>\n";
    foreach ($phrases as $label => $texts) {
        $text .= "      <PHRASE Label=\"$label\" Module=\"Custom\" Type=\"1\">" . base64_encode($texts[$index]) . "</PHRASE>\n";
    }
    $file = $argv[1] . '/' . strtolower($language) . '.lang';
    if (@file_put_contents($file, $text . "    </PHRASES>\n  </LANGUAGE>\n</LANGUAGES>\n") === false) {
        fwrite(STDERR, "cannot write $file\n");
        exit(1);
    }
    echo "$file\n";
}
