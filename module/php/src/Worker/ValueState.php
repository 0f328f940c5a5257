<?php

namespace TaskQueue\Worker;

/** Values of PHP and its extensions that are not php.ini settings and have functions to read and set them. */
final class ValueState implements StatePart
{
    /** @var array<string, array{callable, callable, mixed}> read function, set function and value, by name */
    private $values = [];
    /** @var bool|null */
    private $libxmlErrors;

    public function __construct()
    {
        foreach (['internal_encoding', 'http_output', 'language', 'substitute_character', 'detect_order', 'regex_encoding',
            'regex_set_options'] as $name) {
            $this->keep("mb_$name");
        }
        $this->keep('bcscale');
        $this->keep('spl_autoload_extensions');
        if (function_exists('textdomain')) {
            $this->keep('textdomain', static function () {
                return textdomain(null);
            });
        }
        if (PHP_VERSION_ID < 80300) {
            $this->keep('assert_options', static function () {
                return assert_options(ASSERT_CALLBACK);
            }, static function ($callback): void {
                assert_options(ASSERT_CALLBACK, $callback);
            });
        }
        $this->keep('cli_set_process_title', 'cli_get_process_title');
        $this->keep('pcntl_async_signals');
        $this->keep('pcntl_setpriority', 'pcntl_getpriority');
        if (class_exists('mysqli_driver', false)) {
            $driver = new \mysqli_driver();
            $this->keep('mysqli_report', static function () use ($driver): int {
                return $driver->report_mode;
            });
        }
        $this->keep('libxml_set_external_entity_loader', 'libxml_get_external_entity_loader');
        if (PHP_VERSION_ID < 80000) {
            $this->keep('libxml_disable_entity_loader', static function (): bool {
                $now = libxml_disable_entity_loader(true);
                libxml_disable_entity_loader($now);
                return $now;
            });
        }
        if (function_exists('libxml_use_internal_errors')) {
            $this->libxmlErrors = libxml_use_internal_errors(false);
            libxml_use_internal_errors($this->libxmlErrors);
        }
    }

    /** @param callable|string|null $read if null, $name called without arguments reads the value */
    private function keep(string $name, $read = null, $set = null): void
    {
        $read = $read ?? $name;
        if (is_callable($read) && is_callable($set ?? $name)) {
            $this->values[$name] = [$read, $set ?? $name, @$read()];
        }
    }

    public function restore(): array
    {
        $stays = [];
        foreach ($this->values as $name => [$read, $set, $value]) {
            if ($read() === $value) {
                continue;
            }
            @$set($value);
            if ($read() !== $value) {
                $stays[] = "the value of $name()";
            }
        }
        if ($this->libxmlErrors !== null) {
            libxml_clear_errors();
            libxml_use_internal_errors($this->libxmlErrors);
        }
        self::forgetLastResults();
        return $stays;
    }

    /** Clears what functions remember of their last call. */
    private static function forgetLastResults(): void
    {
        mt_srand();  // the new seed is unpredictable
        error_clear_last();
        clearstatcache();
        strtok('', '.');
        preg_match('//', '');
        while (function_exists('openssl_error_string') && openssl_error_string() !== false) {
        }
        if (function_exists('memory_reset_peak_usage')) {
            memory_reset_peak_usage();
        }
    }
}
