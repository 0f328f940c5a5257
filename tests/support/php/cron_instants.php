<?php
// Prints the instants of cron expressions according to dragonmantank/cron-expression. Standard input: one case per line,
// split by tabs: zone, unix second, count, expression. Standard output: the next instants of each, split by blanks; "none"
// when there are none.

declare(strict_types=1);

require 'Cron/autoload.php';

while (($line = fgets(STDIN)) !== false) {
    [$zone, $after, $count, $expression] = explode("\t", rtrim($line, "\n"));
    $instants = [];
    try {
        $cron = new Cron\CronExpression($expression);
        $at = (new DateTimeImmutable("@$after"))->setTimezone(new DateTimeZone($zone));
        for ($i = 0; $i < (int)$count; ++$i) {
            $at = $cron->getNextRunDate($at, 0, false, $zone);
            $instants[] = $at->getTimestamp();
        }
    } catch (RuntimeException $none) {
    }
    echo $instants === [] ? 'none' : implode(' ', $instants), "\n";
}
