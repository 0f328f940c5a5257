<?php

namespace TaskQueue\Worker;

/**
 * State of the process that a run can change, as it was when the object was created. It is restored after each run.
 * Comparison finds the changes that cannot be restored.
 */
final class ProcessState
{
    private const MOST_HANDLERS = 1000;  // handlers may be nested this deep
    private const LOCALES = [LC_COLLATE, LC_CTYPE, LC_MONETARY, LC_NUMERIC, LC_TIME, LC_MESSAGES];

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
    /** @var StatePart[] */
    private $parts;

    /** @param string[] $builtInWrappers stream wrappers that existed before the site was loaded */
    public function __construct(array $builtInWrappers, Descriptors $descriptors)
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
        $files = new LoadedFiles();
        $this->parts = [
            new RequestState(), new StreamState($builtInWrappers, $files), new ValueState(), new Autoloaders($files),
            new SignalState(), new KernelState(), $descriptors,
        ];
        $descriptors->accept();
    }

    /** The time limit of the bootstrap file applies to each run. */
    public function beginRun(): void
    {
        set_time_limit((int)$this->settings['max_execution_time']);
    }

    /** @return string[] what cannot be restored: the process must not be used for another run */
    public function restore(): array
    {
        set_time_limit(0);
        self::putBack('set_error_handler', 'restore_error_handler', $this->errorHandler);
        self::putBack('set_exception_handler', 'restore_exception_handler', $this->exceptionHandler);
        $this->restoreEnvironment();
        error_reporting($this->errorReporting);
        umask($this->fileMask);
        date_default_timezone_set($this->timeZone);
        foreach ($this->locales as $category => $locale) {
            setlocale($category, $locale);
        }
        $isThere = $this->directory !== false && (getcwd() === $this->directory || @chdir($this->directory));
        $stays = $isThere ? [] : ['the working directory'];
        foreach ($this->parts as $part) {
            $stays = array_merge($stays, self::restorePart($part));
        }
        return array_merge($stays, $this->restoreSettings());
    }

    /**
     * restore() may call code of the run, such as a session handler.
     *
     * @return list<string> what stays
     */
    private static function restorePart(StatePart $part): array
    {
        try {
            return $part->restore();
        } catch (\Throwable $thrown) {
            return [get_class($part) . ', because of ' . get_class($thrown) . ': ' . $thrown->getMessage()];
        }
    }

    /**
     * Removes handlers that were set over the wanted one. If the wanted one is not found below them, it is set again.
     */
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

    /** @return string[] */
    private function restoreSettings(): array
    {
        $changed = $this->changedSettings();
        if ($changed === []) {
            return [];
        }
        foreach ($changed as $name) {
            if ($this->settings[$name] === null) {
                ini_restore($name);
            } else {
                @ini_set($name, $this->settings[$name]);
            }
        }
        return array_map(static function (string $name): string {
            return "the setting $name";
        }, $this->changedSettings());
    }

    /** @return string[] names; error_reporting and the time limit are restored by their own functions */
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
