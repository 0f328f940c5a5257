<?php

namespace TaskQueue;

/** Encodes a value as JSON within the limits that the receiver has too, so that an excess is reported here. */
final class JsonText
{
    /** The receiver may write a number with more bytes than we do: 1.0e+20 becomes 100000000000000000000.0 there. */
    private const GROWTH = ['e+' => 16, 'e-' => 2];
    private const STRING = '/"[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+"/s';

    /**
     * @param mixed $value
     * @param int $flags flags of json_encode()
     * @param int $depth most levels of nested arrays and objects
     * @param int $values most values: array elements, object members, and the value itself
     * @param int $bytes most bytes of JSON
     * @throws \LengthException|\UnexpectedValueException whose message continues a sentence that begins with the
     *     value's name
     */
    public static function of($value, int $flags, int $depth, int $values, int $bytes): string
    {
        self::refuseEmptied($value, 'is');
        $json = json_encode($value, $flags, $depth);
        if (json_last_error() === JSON_ERROR_DEPTH) {
            throw new \LengthException("is nested deeper than $depth levels");
        }
        if ($json === false) {
            throw new \UnexpectedValueException('cannot be said in JSON: ' . json_last_error_msg());
        }
        if (is_array($value) && strpos($json, '{}') !== false) {
            array_walk_recursive($value, static function ($part): void {
                self::refuseEmptied($part, 'contains');
            });
        }
        // So short a text cannot exceed the other limits: each value takes a byte, and each byte grows to 16 at most.
        if (strlen($json) <= $values && 16 * strlen($json) <= $bytes) {
            return $json;
        }
        if (strlen($json) > $bytes) {
            throw new \LengthException("is larger than $bytes bytes of JSON");
        }
        // Strings are not parsed, so this may count more values than there are.
        if (self::countValues($json) > $values || strlen($json) + self::growth($json) > $bytes) {
            $bare = preg_replace(self::STRING, '0', $json) ?? $json;
            if (self::countValues($bare) > $values) {
                throw new \LengthException("has more than $values values");
            }
            if (strlen($json) + self::growth($bare) > $bytes) {
                throw new \LengthException("is larger than $bytes bytes of JSON");
            }
        }
        return $json;
    }

    /**
     * Refuses objects that JSON would show as {}, though there is something in them.
     *
     * @param mixed $value
     */
    private static function refuseEmptied($value, string $verb): void
    {
        if ($value instanceof \Generator) {
            $why = 'whose code has not run. Read it to its end, or give an array: iterator_to_array()';
        } elseif ($value instanceof \Closure) {
            $why = 'which JSON cannot show. Give what it returns';
        } elseif ($value instanceof \Traversable && !self::hasOwnJson($value)
            && !$value instanceof \ArrayObject && !$value instanceof \ArrayIterator) {
            $why = 'whose elements JSON does not show. Give an array: iterator_to_array()';
        } else {
            return;
        }
        throw new \UnexpectedValueException("$verb a " . get_class($value) . ", $why");
    }

    /** json_encode() shows an object whose jsonSerialize() returns the object as if it had no such method. */
    private static function hasOwnJson(object $value): bool
    {
        return $value instanceof \JsonSerializable && $value->jsonSerialize() !== $value;
    }

    private static function countValues(string $json): int
    {
        return 1 + substr_count($json, ',') + substr_count($json, '[') + substr_count($json, '{')
            - substr_count($json, '[]') - substr_count($json, '{}');
    }

    private static function growth(string $json): int
    {
        $bytes = 0;
        foreach (self::GROWTH as $exponent => $most) {
            $bytes += $most * substr_count($json, $exponent);
        }
        return $bytes;
    }
}
