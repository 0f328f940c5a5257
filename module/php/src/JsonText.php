<?php

namespace TaskQueue;

/** A value as JSON text within limits that the other side has, too: what is over them is told here. */
final class JsonText
{
    /** Room that the other side's way to write a number may take beyond ours: 1.0e+20 is 100000000000000000000.0 there. */
    private const GROWTH = ['e+' => 16, 'e-' => 2];
    private const STRING = '/"[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+"/s';

    /**
     * @param mixed $value
     * @param int $flags of json_encode
     * @param int $depth nested arrays and objects
     * @param int $values array elements, object members, and the value itself
     * @param int $bytes of JSON
     * @throws \LengthException|\UnexpectedValueException whose message goes on from the name of the value
     */
    public static function of($value, int $flags, int $depth, int $values, int $bytes): string
    {
        $json = json_encode($value, $flags, $depth);
        if (json_last_error() === JSON_ERROR_DEPTH) {
            throw new \LengthException("is nested deeper than $depth levels");
        }
        if ($json === false) {
            throw new \UnexpectedValueException('cannot be said in JSON: ' . json_last_error_msg());
        }
        if (strlen($json) > $bytes) {
            throw new \LengthException("is larger than $bytes bytes of JSON");
        }
        // Without a look inside strings these can only be more than there are.
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
