<?php

namespace TaskQueue\Worker;

/**
 * Runs `worker.php --check`, which tells deploy scripts whether a worker could serve with this bootstrap
 * file.
 */
final class BootstrapCheck
{
    private const EXIT_USELESS = 65;

    /** Returns the exit status of the program: 0, or 65 with the reason on standard error. */
    public static function run(Options $options, Site $site): int
    {
        ini_set('display_errors', '0');  // our own output reports the error once
        ini_set('log_errors', '0');
        $site->start();
        $bootstrap = new Bootstrap($options->bootstrap);
        ob_start(static function (): string {
            return '';  // output of the site while it is loaded is not part of the answer
        });
        try {
            $handlers = $bootstrap->load(static function (string $problem): void {
                exit(self::refuse($problem));
            });
            $problems = $handlers->problems();
            $declarations = $handlers->declarations();
            $problem = $site->load($handlers, $options->fork);
        } catch (\Throwable $error) {
            return self::refuse($bootstrap->textOf($error));
        }
        if ($problem !== null) {
            return self::refuse($problem);
        }
        if ($problems !== []) {
            return self::refuse($options->bootstrap . ': ' . implode('; ', $problems));
        }
        if ($declarations === []) {
            return self::refuse("{$options->bootstrap}: it returns no handler");
        }
        $names = array_column($declarations, 'TaskHandlerClass');
        $json = json_encode(['handlers' => $declarations], JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
        echo $options->asJson ? "$json\n" : implode('', preg_replace('/$/D', "\n", $names));
        return 0;
    }

    private static function refuse(string $problem): int
    {
        StandardStreams::writeError("worker.php: $problem\n");
        return self::EXIT_USELESS;
    }
}
