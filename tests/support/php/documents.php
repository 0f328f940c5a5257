<?php
// Checks that the documents and the code agree: php documents.php [CHECKOUT]. Prints a line for each fault and ends
// with 1 when there is one.
//
// - What a file cites exists: a rule, an invariant, a decision, a page of the design.
// - Each relative link of a .md file leads to a file, and its anchor to a heading.
// - Settings, metrics, addresses and exit codes: the documents name those that the code has, and no others.
// - No line of the design is longer than 110 columns, and no decision is defined twice.

namespace TaskQueue\Documents;

require __DIR__ . '/documents/checkout.php';
require __DIR__ . '/documents/citations.php';
require __DIR__ . '/documents/links.php';
require __DIR__ . '/documents/names_in_code.php';
require __DIR__ . '/documents/names_in_documents.php';

$checkout = new Checkout($argv[1] ?? dirname(__DIR__, 3));
$faults = array_merge(
    checkDesignPages($checkout),
    checkCitations($checkout),
    checkLinks($checkout),
    checkSettings($checkout),
    checkMetrics($checkout),
    checkAddresses($checkout),
    checkExitCodes($checkout)
);
foreach ($faults as $fault) {
    echo "$fault\n";
}
exit($faults === [] ? 0 : 1);
