<?php

namespace TaskQueue;

/** The JSON Schema of a handler's TaskData, checked as module/json/task_data.cpp does: the same subset, the same verdicts. */
final class DataSchema
{
    public const MEND = "It must fit the handler's DataSchema.";
    private const MOST_KEPT = 100;   // schemas that are ready to be used
    private const MOST_NAMED = 20;   // members that a refusal lists
    private const DEPTH = 512;       // of any JSON that is decoded here
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;

    private const OF_ANY_OBJECT = ['type' => 'object'];
    private const MEANING = ['$schema' => 1, 'title' => 1, 'description' => 1];  // keywords that demand nothing

    /** @var array<string, self> by their text */
    private static $kept = [];

    /** @var object|null null: any object is accepted */
    private $schema;

    private function __construct(string $json)
    {
        $schema = $json === '' ? null : json_decode($json, false, self::DEPTH);
        $demands = is_object($schema) ? array_diff_key((array)$schema, self::MEANING) : [];
        $this->schema = $demands === [] || $demands === self::OF_ANY_OBJECT ? null : $schema;
    }

    /** @param string $json a JSON Schema; '' accepts any object */
    public static function of(string $json): self
    {
        if (isset(self::$kept[$json])) {
            return self::$kept[$json];
        }
        if (count(self::$kept) >= self::MOST_KEPT) {
            self::$kept = [];
        }
        return self::$kept[$json] = new self($json);
    }

    public function acceptsAll(): bool
    {
        return $this->schema === null;
    }

    /**
     * @param string $taskData JSON, an object
     * @throws EnqueueError that names the wrong member
     */
    public function check(string $taskData): void
    {
        $problem = $this->findProblem($taskData);
        if ($problem !== null) {
            throw new EnqueueError("/TaskData{$problem[0]} {$problem[1]}.", self::MEND, "TaskData{$problem[0]}", 'schema');
        }
    }

    /**
     * Returns the first problem of the data.
     *
     * @param string $taskData JSON, an object
     * @return array{string, string}|null a JSON pointer into the data, and what is wrong with the value
     */
    public function findProblem(string $taskData): ?array
    {
        if ($this->schema === null) {
            return null;
        }
        $check = new SchemaCheck($this->schema);
        $data = json_decode($taskData, false, self::DEPTH);
        if (json_last_error() === JSON_ERROR_INVALID_PROPERTY_NAME) {
            return ['', 'has a member whose name begins with a NUL byte'];
        }
        $fault = $check->findFault($this->schema, $data, '');
        return $fault === null ? null : [$fault[0], self::explain($fault[1], $fault[2])];
    }

    /** Explains a fault with the schema's value for the keyword, such as "does not satisfy minimum 1". */
    private static function explain(object $part, string $keyword): string
    {
        if (!property_exists($part, $keyword)) {
            return "does not satisfy \"$keyword\" of the handler's schema";
        }
        $rule = json_encode($part->$keyword, self::FLAGS);
        switch ($keyword) {
            case 'not':
                return $rule === '{}' ? 'is not known to the handler' : "does not satisfy not $rule";
            case 'additionalProperties':
                return 'is not known to the handler' . self::knownMembers($part);
            case 'type':
                return "must be of type $rule";
            case 'required':
                return "must have the members $rule";
        }
        return "does not satisfy $keyword $rule";
    }

    private static function knownMembers(object $part): string
    {
        $properties = $part->properties ?? null;
        $names = is_object($properties) ? array_map('strval', array_keys((array)$properties)) : [];
        if ($names === []) {
            return '';
        }
        $others = count($names) > self::MOST_NAMED ? ' and others' : '';
        return '; it knows ' . implode(', ', array_slice($names, 0, self::MOST_NAMED)) . $others;
    }
}
