<?php
// Prints what the PHP client says of TaskData against schemas: php schema_verdicts.php CASES, a JSON file of objects with
// `schema` and `data`. The answer is a list of [member, problem], or null for data that is taken.

use TaskQueue\DataSchema;

require dirname(__DIR__, 3) . '/module/php/autoload.php';

const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;

$verdicts = [];
foreach (json_decode((string)file_get_contents($argv[1])) as $case) {
    $verdicts[] = DataSchema::of((string)json_encode($case->schema, FLAGS))->findProblem((string)json_encode($case->data, FLAGS));
}
echo json_encode($verdicts, FLAGS), "\n";
