<?php

namespace TaskQueue\Worker;

/** The options of the command line. */
final class Options
{
    private const KNOWN = '--bootstrap=FILE, --check, --json, --warnings=log, --fork, --watch, --recycle-runs=N, '
        . '--recycle-seconds=N and --recycle-megabytes=N';
    private const SWITCHES = ['--check' => 'check', '--fork' => 'fork', '--json' => 'asJson', '--watch' => 'watch'];

    /** @var string */
    public $bootstrap = '';
    /** @var bool whether to check only that a worker could serve */
    public $check = false;
    /** @var bool whether to print the handlers as JSON */
    public $asJson = false;
    /** @var bool a warning ends the run as an error; otherwise it is only kept with the run's error output */
    public $warningsAreErrors = true;
    /** @var bool the worker is replaced as soon as a file of code that it has loaded changes */
    public $watch = false;
    /** @var bool each run is done in a fork of the worker */
    public $fork = false;
    /** @var int the worker ends after this many runs */
    public $recycleRuns = 1000;
    /** @var int the worker ends after this many seconds */
    public $recycleSeconds = 3600;
    /** @var int the worker ends when it uses this much memory, in MiB */
    public $recycleMegabytes = 128;

    /**
     * @param list<string> $arguments
     * @throws \InvalidArgumentException that names the wrong option
     */
    public static function fromArguments(array $arguments): self
    {
        $options = new self();
        foreach (array_slice($arguments, 1) as $argument) {
            if (isset(self::SWITCHES[$argument])) {
                $options->{self::SWITCHES[$argument]} = true;
                continue;
            }
            if (preg_match('/^--([a-z-]+)=(.+)$/s', $argument, $parts) !== 1) {
                throw new \InvalidArgumentException("there is no option '$argument'; known are " . self::KNOWN);
            }
            $options->set($parts[1], $parts[2]);
        }
        if ($options->bootstrap === '') {
            throw new \InvalidArgumentException('--bootstrap=FILE is missing');
        }
        if ($options->asJson && !$options->check) {
            throw new \InvalidArgumentException('--json needs --check');
        }
        return $options;
    }

    private function set(string $name, string $value): void
    {
        switch ($name) {
            case 'bootstrap':
                $this->bootstrap = $value;
                return;
            case 'warnings':
                if ($value !== 'error' && $value !== 'log') {
                    throw new \InvalidArgumentException('--warnings takes error or log');
                }
                $this->warningsAreErrors = $value === 'error';
                return;
            case 'recycle-runs':
                $this->recycleRuns = self::number($name, $value);
                return;
            case 'recycle-seconds':
                $this->recycleSeconds = self::number($name, $value);
                return;
            case 'recycle-megabytes':
                $this->recycleMegabytes = self::number($name, $value);
                return;
        }
        throw new \InvalidArgumentException("there is no option '--$name'; known are " . self::KNOWN);
    }

    private static function number(string $name, string $value): int
    {
        if (preg_match('/^[1-9][0-9]{0,8}$/', $value) !== 1) {
            throw new \InvalidArgumentException("--$name takes a whole number from 1 to 999999999");
        }
        return (int)$value;
    }
}
