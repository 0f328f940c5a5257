<?php

namespace TaskQueue;

/** The rules of a JSON Schema for numbers. */
final class SchemaNumber
{
    /**
     * Returns the keyword that the number does not satisfy, or null.
     *
     * @param int|float $value
     */
    public static function findKeyword(object $schema, $value): ?string
    {
        $least = self::numberOf($schema, 'minimum');
        if ($least !== null && (self::isExclusive($schema, 'exclusiveMinimum') ? $value <= $least : $value < $least)) {
            return 'minimum';
        }
        $most = self::numberOf($schema, 'maximum');
        if ($most !== null && (self::isExclusive($schema, 'exclusiveMaximum') ? $value >= $most : $value > $most)) {
            return 'maximum';
        }
        $unit = self::numberOf($schema, 'multipleOf');
        return $unit === null || $unit <= 0 || self::isMultiple($value, $unit) ? null : 'multipleOf';
    }

    /**
     * @param int|float $value
     * @param int|float $unit
     */
    private static function isMultiple($value, $unit): bool
    {
        if (is_int($value) && is_int($unit)) {
            return $value % $unit === 0;
        }
        $size = abs((float)$value);
        return $size - floor($size / $unit) * $unit <= 0.0;
    }

    /** @return int|float|null */
    private static function numberOf(object $schema, string $keyword)
    {
        $number = $schema->$keyword ?? null;
        return is_int($number) || is_float($number) ? $number : null;
    }

    private static function isExclusive(object $schema, string $keyword): bool
    {
        return ($schema->$keyword ?? false) === true;
    }
}
