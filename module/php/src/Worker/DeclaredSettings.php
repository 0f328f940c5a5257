<?php

namespace TaskQueue\Worker;

use TaskQueue\IDeclaredTaskHandler;
use TaskQueue\Settings;

/** The runner's rules for the settings that a handler declares. */
final class DeclaredSettings
{
    private const SECONDS = [0, 31622400];  // a year
    private const NUMBERS = [
        'TimeLimitSeconds' => self::SECONDS,
        'MaxRetries' => [0, 1000],
        'RetryDelaySeconds' => self::SECONDS,
        'RetryDelayLimitSeconds' => self::SECONDS,
        'Priority' => [0, 9],
        'MaxRunning' => [0, 100000],
        'MaxRunningPerKey' => [0, 100000],
        'UniqueSeconds' => self::SECONDS,
    ];
    private const MOST_DELAYS = 20;
    private const CLASS_NAME = '/^\\\\?[A-Za-z_\x80-\xff][\\\\A-Za-z0-9_\x80-\xff]*$/D';
    private const SCHEMA_BYTES = 65536;
    private const SCHEMA_DEPTH = 16;
    private const SCHEMA_VALUES = 2000;
    private const SCHEMA_TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];
    private const SCHEMAS_BY_NAME = ['properties', 'patternProperties', 'definitions', 'dependencies'];
    private const NO_SCHEMAS = ['enum', 'const', 'default', 'examples'];  // keywords whose value is data

    /**
     * Returns the settings that the class declares; [] if it declares none, or is no class.
     *
     * @return array<string, mixed>
     */
    public static function ofClass(string $class): array
    {
        $isDeclared = preg_match(self::CLASS_NAME, $class) === 1 && class_exists($class)
            && is_subclass_of($class, IDeclaredTaskHandler::class);
        $settings = $isDeclared ? $class::getTaskHandlerSettings() : [];
        return $settings instanceof Settings ? $settings->toArray() : $settings;
    }

    /**
     * @param array<string, mixed> $settings
     * @return string[] problems, each with the setting's name
     */
    public static function problemsOf(array $settings): array
    {
        $problems = [];
        foreach ($settings as $name => $value) {
            $problem = $value === null ? null : self::problemOf((string)$name, $value);
            if ($problem !== null) {
                $problems[] = "$name $problem";
            }
        }
        return $problems;
    }

    /** @param mixed $value */
    private static function problemOf(string $name, $value): ?string
    {
        if (isset(self::NUMBERS[$name])) {
            [$least, $most] = self::NUMBERS[$name];
            $isWait = self::NUMBERS[$name] === self::SECONDS;  // fractions of a delay round up
            $fits = self::isNumber($value, $isWait) && $value >= $least && $value <= $most;
            return $fits ? null : 'must be a ' . ($isWait ? 'number' : 'whole number') . " from $least to $most";
        }
        switch ($name) {
            case 'OnCrash':
                return $value === 'retry' || $value === 'fail' ? null : 'must be retry or fail';
            case 'Queue':
                $fits = is_string($value) && preg_match('/^(?!\.{1,2}$)[A-Za-z0-9._-]{0,64}$/D', $value) === 1;
                return $fits ? null : "must be 1 to 64 letters, digits, '-', '_' or '.', and not '.' or '..' alone";
            case 'RetryDelays':
                return self::problemOfDelays($value);
            case 'DataSchema':
                return self::problemOfSchema($value);
        }
        return 'is no setting of a handler; known are DataSchema, OnCrash, Queue, RetryDelays, ' . implode(', ', array_keys(self::NUMBERS));
    }

    /** @param mixed $value */
    private static function isNumber($value, bool $mayHaveFraction): bool
    {
        return is_int($value) || (is_float($value) && ($mayHaveFraction || floor($value) === $value));
    }

    /** @param mixed $delays */
    private static function problemOfDelays($delays): ?string
    {
        [$least, $most] = self::SECONDS;
        $fits = is_array($delays) && count($delays) <= self::MOST_DELAYS && array_values($delays) === $delays;
        foreach ($fits ? $delays : [] as $delay) {
            $fits = $fits && self::isNumber($delay, true) && $delay >= $least && $delay <= $most;
        }
        return $fits ? null : 'must be a list of at most ' . self::MOST_DELAYS . " numbers from $least to $most";
    }

    /** @param mixed $schema JSON, or a value to encode as JSON */
    private static function problemOfSchema($schema): ?string
    {
        $json = is_string($schema) ? $schema : json_encode($schema);
        $value = is_string($json) ? json_decode($json, false, self::SCHEMA_DEPTH + 1) : null;
        if ($value === null) {
            return 'is no JSON of a depth of at most ' . self::SCHEMA_DEPTH . ': ' . json_last_error_msg();
        }
        if (!is_object($value)) {
            return 'must be a JSON Schema, an object';
        }
        if (strlen($json) > self::SCHEMA_BYTES || self::countValues($value) > self::SCHEMA_VALUES) {
            return 'must not be larger than ' . self::SCHEMA_BYTES . ' bytes and ' . self::SCHEMA_VALUES . ' values';
        }
        $type = self::unknownType($value);
        return $type === null ? null : "has the type $type; known are " . implode(', ', self::SCHEMA_TYPES);
    }

    /**
     * Returns a type of the schema, as JSON, that no data has.
     *
     * @param mixed $schema
     */
    private static function unknownType($schema): ?string
    {
        if (is_object($schema) && property_exists($schema, 'type')) {
            $types = is_array($schema->type) && $schema->type !== [] ? $schema->type : [$schema->type];
            foreach ($types as $type) {
                if (!in_array($type, self::SCHEMA_TYPES, true)) {
                    return (string)json_encode($type);
                }
            }
        }
        foreach (is_array($schema) || is_object($schema) ? (array)$schema : [] as $name => $part) {
            $isByName = in_array($name, self::SCHEMAS_BY_NAME, true) && is_object($part);
            $found = null;
            foreach ($isByName ? (array)$part : [$part] as $sub) {
                $found = $found ?? (in_array($name, self::NO_SCHEMAS, true) ? null : self::unknownType($sub));
            }
            if ($found !== null) {
                return $found;
            }
        }
        return null;
    }

    /** @param mixed $value */
    private static function countValues($value): int
    {
        $count = 0;
        foreach (is_array($value) || is_object($value) ? (array)$value : [] as $part) {
            $count += 1 + self::countValues($part);
        }
        return $count;
    }
}
