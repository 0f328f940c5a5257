<?php
// The instants of cron expressions as dragonmantank/cron-expression counts them. Standard input: a case a line, its
// parts split by tabs: zone, unix second, count, expression. Standard output: for each the next instants, split by
// blanks; "none" when the library finds none.

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
