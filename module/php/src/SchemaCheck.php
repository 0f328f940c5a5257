<?php

namespace TaskQueue;

/**
 * Checks one value against a JSON Schema with the rules of the queue's checker, RapidJSON: draft 4 without formats. They
 * differ from the draft in some points: `required` and `dependencies` also make a member known, and $ref leads only into
 * the same schema.
 *
 * A fault is a JSON pointer into the data, the schema that the value does not fit, and its keyword.
 */
final class SchemaCheck
{
    private const MOST_COUNT = 4294967295;  // larger limits of lengths and counts are ignored
    private const MOST_DEPTH = 500;         // a schema that leads back to itself is of no use
    private const MOST_STEPS = 1000000;     // sub-schemas that are checked, each as often as it is reached

    /** @var object the whole schema, into which $ref leads */
    private $whole;
    /** @var int */
    private $depth = 0;
    /** @var int */
    private $steps = 0;

    public function __construct(object $whole)
    {
        $this->whole = $whole;
    }

    /**
     * @param mixed $schema
     * @param mixed $value
     * @return array{string, object, string}|null
     */
    public function findFault($schema, $value, string $pointer): ?array
    {
        $schema = $this->resolve($schema);
        if ($schema === null) {
            return null;
        }
        if (++$this->depth > self::MOST_DEPTH) {
            throw self::unusable('leads back to itself');
        }
        if (++$this->steps > self::MOST_STEPS) {
            throw self::unusable('expands to more than ' . self::MOST_STEPS . ' checks for these data');
        }
        $fault = $this->check($schema, $value, $pointer);
        --$this->depth;
        return $fault;
    }

    /** @return array{string, object, string}|null */
    private function check(object $schema, $value, string $pointer): ?array
    {
        $keyword = self::hasType($schema, $value) ? null : 'type';
        if ($keyword === null && is_string($value)) {
            $keyword = self::keywordOfString($schema, $value);
        } elseif ($keyword === null && (is_int($value) || is_float($value))) {
            $keyword = SchemaNumber::findKeyword($schema, $value);
        }
        if ($keyword !== null) {
            return [$pointer, $schema, $keyword];
        }
        if (is_object($value) && ($fault = $this->checkMembers($schema, (array)$value, $pointer)) !== null) {
            return $fault;
        }
        if (is_array($value) && ($fault = $this->checkItems($schema, $value, $pointer)) !== null) {
            return $fault;
        }
        $keyword = $this->keywordOfWhole($schema, $value);
        return $keyword === null ? null : [$pointer, $schema, $keyword];
    }

    /** @param mixed $value */
    private static function hasType(object $schema, $value): bool
    {
        if (!property_exists($schema, 'type')) {
            return true;
        }
        $types = is_array($schema->type) ? $schema->type : [$schema->type];
        if (is_int($value)) {
            return in_array('integer', $types, true) || in_array('number', $types, true);
        }
        $names = ['boolean' => 'boolean', 'double' => 'number', 'string' => 'string', 'array' => 'array', 'object' => 'object',
            'NULL' => 'null'];
        return in_array($names[gettype($value)], $types, true);
    }

    private static function keywordOfString(object $schema, string $value): ?string
    {
        $least = self::countOf($schema, 'minLength') ?? 0;
        $most = self::countOf($schema, 'maxLength') ?? self::MOST_COUNT;
        if ($least > 0 || $most < self::MOST_COUNT) {
            $length = preg_match_all('/./us', $value);
            if ($length < $least) {
                return 'minLength';
            }
            if ($length > $most) {
                return 'maxLength';
            }
        }
        $fits = !is_string($schema->pattern ?? null) || SchemaPattern::matches($schema->pattern, $value);
        return $fits ? null : 'pattern';
    }

    /**
     * @param array<mixed> $members
     * @return array{string, object, string}|null
     */
    private function checkMembers(object $schema, array $members, string $pointer): ?array
    {
        $known = self::knownNames($schema);
        foreach ($members as $name => $value) {
            $fault = $this->checkMember($schema, $known, (string)$name, $value, "$pointer/" . strtr((string)$name, ['~' => '~0',
                '/' => '~1']));
            if ($fault !== null) {
                return $fault;
            }
        }
        $keyword = $this->keywordOfMembers($schema, $members);
        return $keyword === null ? null : [$pointer, $schema, $keyword];
    }

    /**
     * @param array<string, true> $known
     * @param mixed $value
     * @return array{string, object, string}|null
     */
    private function checkMember(object $schema, array $known, string $name, $value, string $pointer): ?array
    {
        $others = [];
        foreach (self::membersOf($schema, 'patternProperties') as $pattern => $other) {
            if (SchemaPattern::matches((string)$pattern, $name)) {
                $others[] = $other;
            }
        }
        $isKnown = isset($known["n$name"]);
        $additional = $schema->additionalProperties ?? true;
        if ($isKnown) {
            $own = $schema->properties->$name ?? null;
        } elseif (is_object($additional)) {
            $own = $additional;
        } elseif ($additional === false && $others === []) {
            // The queue's checker needs another schema there, with another text.
            $hasPatterns = property_exists($schema, 'patternProperties');
            return $hasPatterns ? [$pointer, (object)['not' => new \stdClass()], 'not'] : [$pointer, $schema,
                'additionalProperties'];
        } else {
            $own = null;
        }
        if ($others === []) {
            return $this->findFault($own, $value, $pointer);
        }
        $fitsPatterns = $this->fitsAll($others, $value);
        $fitsOwn = $own === null || $this->findFault($own, $value, $pointer) === null;
        // With a schema for additional members, either side will do.
        $fits = !$isKnown && is_object($additional) ? $fitsPatterns || $fitsOwn : $fitsPatterns && $fitsOwn;
        return $fits ? null : [$pointer, $this->whole, 'patternProperties'];
    }

    /** @param array<mixed> $members */
    private function keywordOfMembers(object $schema, array $members): ?string
    {
        foreach (self::listOf($schema, 'required') as $name) {
            if (is_string($name) && !array_key_exists($name, $members)) {
                return 'required';
            }
        }
        if (count($members) < (self::countOf($schema, 'minProperties') ?? 0)) {
            return 'minProperties';
        }
        if (count($members) > (self::countOf($schema, 'maxProperties') ?? self::MOST_COUNT)) {
            return 'maxProperties';
        }
        foreach (self::membersOf($schema, 'dependencies') as $name => $needs) {
            if (!array_key_exists($name, $members)) {
                continue;
            }
            foreach (is_array($needs) ? $needs : [] as $needed) {
                if (is_string($needed) && !array_key_exists($needed, $members)) {
                    return 'dependencies';
                }
            }
            if (is_object($needs) && $this->findFault($needs, (object)$members, '') !== null) {
                return 'dependencies';
            }
        }
        return null;
    }

    /**
     * @param list<mixed> $items
     * @return array{string, object, string}|null
     */
    private function checkItems(object $schema, array $items, string $pointer): ?array
    {
        $rule = $schema->items ?? null;
        $additional = $schema->additionalItems ?? true;
        $isUnique = ($schema->uniqueItems ?? false) === true;
        $seen = [];  // items by their text, as each one would otherwise be compared with all before it
        foreach ($items as $index => $item) {
            if (is_array($rule) && $index >= count($rule)) {
                if ($additional === false) {
                    return ["$pointer/$index", $schema, 'items'];
                }
                $own = $additional;
            } else {
                $own = is_array($rule) ? $rule[$index] : $rule;
            }
            $fault = $this->findFault($own, $item, "$pointer/$index");
            if ($fault === null && $isUnique) {
                $alike = self::textOf($item);
                $fault = self::contains($seen[$alike] ?? [], $item) ? ["$pointer/$index", $schema, 'uniqueItems'] : null;
                $seen[$alike][] = $item;
            }
            if ($fault !== null) {
                return $fault;
            }
        }
        if (count($items) < (self::countOf($schema, 'minItems') ?? 0)) {
            return [$pointer, $schema, 'minItems'];
        }
        $isLong = count($items) > (self::countOf($schema, 'maxItems') ?? self::MOST_COUNT);
        return $isLong ? [$pointer, $schema, 'maxItems'] : null;
    }

    /** @param mixed $value */
    private function keywordOfWhole(object $schema, $value): ?string
    {
        $enum = self::listOf($schema, 'enum');
        if ($enum !== [] && !self::contains($enum, $value)) {
            return 'enum';
        }
        if (!$this->fitsAll(self::listOf($schema, 'allOf'), $value)) {
            return 'allOf';
        }
        foreach (['anyOf' => PHP_INT_MAX, 'oneOf' => 1] as $keyword => $most) {
            $schemas = self::listOf($schema, $keyword);
            $fitting = $this->countFitting($schemas, $value);
            if ($schemas !== [] && ($fitting < 1 || $fitting > $most)) {
                return $keyword;
            }
        }
        return is_object($schema->not ?? null) && $this->findFault($schema->not, $value, '') === null ? 'not' : null;
    }

    /** @param list<mixed> $schemas */
    private function fitsAll(array $schemas, $value): bool
    {
        return $this->countFitting($schemas, $value) === count($schemas);
    }

    /** @param list<mixed> $schemas */
    private function countFitting(array $schemas, $value): int
    {
        $count = 0;
        foreach ($schemas as $schema) {
            $count += $this->findFault($schema, $value, '') === null ? 1 : 0;
        }
        return $count;
    }

    /**
     * Follows $ref. Whatever is no object accepts anything, and so does a reference that leads nowhere.
     *
     * @param mixed $schema
     */
    private function resolve($schema): ?object
    {
        for ($steps = 0; $steps < self::MOST_DEPTH; ++$steps) {
            if (!is_object($schema)) {
                return null;
            }
            $reference = $schema->{'$ref'} ?? null;
            if (!is_string($reference) || preg_match('~^#(/|$)~', $reference) !== 1) {
                return $schema;
            }
            $schema = $this->whole;
            foreach (array_slice(explode('/', rawurldecode($reference)), 1) as $token) {
                $token = strtr($token, ['~1' => '/', '~0' => '~']);
                $schema = is_array($schema) ? $schema[$token] ?? null : (is_object($schema) ? $schema->$token ?? null : null);
            }
        }
        throw self::unusable('leads back to itself');
    }

    private static function unusable(string $why): EnqueueError
    {
        return new EnqueueError("TaskData cannot be checked: the handler's schema $why.", 'Mend the DataSchema of the handler.',
            'TaskData', 'wrong_schema');
    }

    /** @return array<string, true> */
    private static function knownNames(object $schema): array
    {
        $dependencies = self::membersOf($schema, 'dependencies');
        $names = array_merge(
            array_keys(self::membersOf($schema, 'properties')),
            self::listOf($schema, 'required'),
            array_keys($dependencies),
            ...array_values(array_filter($dependencies, 'is_array'))
        );
        $known = [];
        foreach ($names as $name) {
            if (is_string($name) || is_int($name)) {
                $known["n$name"] = true;
            }
        }
        return $known;
    }

    private static function countOf(object $schema, string $keyword): ?int
    {
        $count = $schema->$keyword ?? null;
        return is_int($count) && $count >= 0 && $count <= self::MOST_COUNT ? $count : null;
    }

    /** @return list<mixed> */
    private static function listOf(object $schema, string $keyword): array
    {
        return is_array($schema->$keyword ?? null) ? $schema->$keyword : [];
    }

    /** @return array<mixed> */
    private static function membersOf(object $schema, string $keyword): array
    {
        return is_object($schema->$keyword ?? null) ? (array)$schema->$keyword : [];
    }

    /**
     * @param array<mixed> $values
     * @param mixed $wanted
     */
    private static function contains(array $values, $wanted): bool
    {
        foreach ($values as $value) {
            if (self::areEqual($value, $wanted)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns a text that is the same for equal values.
     *
     * @param mixed $value
     */
    private static function textOf($value): string
    {
        if (is_int($value) || is_float($value)) {
            return 'number ' . ((float)$value + 0.0);
        }
        if (!is_object($value) && !is_array($value)) {
            return gettype($value) . json_encode($value);
        }
        $parts = array_map([self::class, 'textOf'], (array)$value);
        ksort($parts, SORT_STRING);
        return (is_object($value) ? 'object' : 'array') . json_encode($parts);
    }

    /** Compares numbers by their value, and members in any order. */
    private static function areEqual($a, $b): bool
    {
        if ((is_int($a) || is_float($a)) && (is_int($b) || is_float($b))) {
            return $a == $b;
        }
        if (is_object($a) && is_object($b)) {
            $a = (array)$a;
            $b = (array)$b;
        } elseif (!is_array($a) || !is_array($b)) {
            return $a === $b;
        }
        if (count($a) !== count($b)) {
            return false;
        }
        foreach ($a as $key => $value) {
            if (!array_key_exists($key, $b) || !self::areEqual($value, $b[$key])) {
                return false;
            }
        }
        return true;
    }
}
