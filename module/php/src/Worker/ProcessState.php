<?php

namespace TaskQueue\Worker;

/** What a run can change of its process, as it was when this was made; put back after each run for the next one. */
final class ProcessState
{
    private const MOST_HANDLERS = 1000;  // set one over the other
    private const LOCALES = [LC_COLLATE, LC_CTYPE, LC_MONETARY, LC_NUMERIC, LC_TIME, LC_MESSAGES];
    private const LAST_SIGNAL = 31;

    /** @var callable|null */
    private $errorHandler;
    /** @var callable|null */
    private $exceptionHandler;
    /** @var int */
    private $errorReporting;
    /** @var array<string, string|null> by name in php.ini */
    private $settings;
    /** @var array<string, string> */
    private $environment;
    /** @var string|false */
    private $directory;
    /** @var int */
    private $fileMask;
    /** @var string */
    private $timeZone;
    /** @var array<int, string> by category */
    private $locales = [];
    /** @var array<int, callable|int> by signal */
    private $signalHandlers = [];

    public function __construct()
    {
        $this->errorHandler = set_error_handler(null);
        restore_error_handler();
        $this->exceptionHandler = set_exception_handler(null);
        restore_exception_handler();
        $this->errorReporting = error_reporting();
        $this->settings = ini_get_all(null, false);
        $this->environment = getenv();
        $this->directory = getcwd();
        $this->fileMask = umask();
        $this->timeZone = date_default_timezone_get();
        foreach (self::LOCALES as $category) {
            $this->locales[$category] = setlocale($category, '0');
        }
        for ($signal = 1; function_exists('pcntl_alarm') && $signal <= self::LAST_SIGNAL; ++$signal) {
            $this->signalHandlers[$signal] = pcntl_signal_get_handler($signal);
        }
    }

    /** False when something cannot be put back: the process must not be used for another run. */
    public function restore(): bool
    {
        self::putBack('set_error_handler', 'restore_error_handler', $this->errorHandler);
        self::putBack('set_exception_handler', 'restore_exception_handler', $this->exceptionHandler);
        $this->restoreSignals();
        $this->restoreEnvironment();
        $hasSettings = $this->restoreSettings();
        set_time_limit(0);
        error_reporting($this->errorReporting);
        umask($this->fileMask);
        date_default_timezone_set($this->timeZone);
        foreach ($this->locales as $category => $locale) {
            setlocale($category, $locale);
        }
        $isThere = $this->directory !== false && (getcwd() === $this->directory || @chdir($this->directory));
        return $hasSettings && $isThere;
    }

    /** Takes away what was set over the wanted one; sets that again if it is not found below. */
    private static function putBack(string $set, string $restore, ?callable $wanted): void
    {
        for ($i = 0; $i < self::MOST_HANDLERS; ++$i) {
            $current = $set(null);
            $restore();
            if ($current === $wanted) {
                return;
            }
            if ($current === null) {
                break;
            }
            $restore();
        }
        $set($wanted);
    }

    private function restoreSignals(): void
    {
        if ($this->signalHandlers === []) {
            return;
        }
        pcntl_alarm(0);
        foreach ($this->signalHandlers as $signal => $handler) {
            if (pcntl_signal_get_handler($signal) !== $handler) {
                pcntl_signal($signal, $handler);
            }
        }
    }

    private function restoreEnvironment(): void
    {
        $now = getenv();
        foreach (array_diff_key($now, $this->environment) as $name => $value) {
            putenv((string)$name);
        }
        foreach ($this->environment as $name => $value) {
            if (($now[$name] ?? null) !== $value) {
                putenv("$name=$value");
            }
        }
    }

    private function restoreSettings(): bool
    {
        foreach ($this->changedSettings() as $name) {
            if ($this->settings[$name] === null) {
                ini_restore($name);
            } else {
                @ini_set($name, $this->settings[$name]);
            }
        }
        return $this->changedSettings() === [];
    }

    /** @return string[] names; the level of errors and the time limit have functions of their own */
    private function changedSettings(): array
    {
        $changed = [];
        $now = ini_get_all(null, false);
        foreach ($this->settings as $name => $value) {
            $isOther = $name !== 'error_reporting' && $name !== 'max_execution_time';
            if ($isOther && ($now[$name] ?? null) !== $value) {
                $changed[] = $name;
            }
        }
        return $changed;
    }
}
