<?php

namespace TaskQueue\Worker;

/**
 * Finds connections of PDO and mysqli in values that outlive a call: global variables, static properties and static
 * variables, and everything that these contain. Values that only an extension holds are not found.
 */
final class ConnectionSearch
{
    private const MOST_VALUES = 500000;
    private const MOST_DEPTH = 200;  // arrays may contain themselves

    /** @var array<int, \PDO|\mysqli> */
    private $found = [];
    /** @var array<int, true> by spl_object_id */
    private $seen = [];
    /** @var int */
    private $left = self::MOST_VALUES;

    /**
     * @param array<mixed> $roots
     * @return array<\PDO|\mysqli>
     */
    public function find(array $roots): array
    {
        $this->walk($roots, 0);
        foreach (array_keys($GLOBALS) as $name) {
            if ($name !== 'GLOBALS') {
                $this->walk($GLOBALS[$name], 0);
            }
        }
        foreach (get_declared_classes() as $class) {
            $this->walkClass(new \ReflectionClass($class));
        }
        foreach (get_defined_functions()['user'] as $function) {
            $this->walkVariables(new \ReflectionFunction($function));
        }
        return array_values($this->found);
    }

    private function walkClass(\ReflectionClass $class): void
    {
        if ($class->isInternal() || strncmp($class->getName(), __NAMESPACE__ . '\\', strlen(__NAMESPACE__) + 1) === 0) {
            return;
        }
        try {
            $this->walk($class->getStaticProperties(), 0);
        } catch (\Throwable $unreadable) {  // its default values may be constants that do not exist
        }
        foreach ($class->getMethods() as $method) {
            if ($method->isUserDefined()) {
                $this->walkVariables($method);
            }
        }
    }

    private function walkVariables(\ReflectionFunctionAbstract $function): void
    {
        try {
            $this->walk($function->getStaticVariables(), 0);
        } catch (\Throwable $unreadable) {
        }
    }

    /** @param mixed $value */
    private function walk($value, int $depth): void
    {
        if (is_array($value)) {
            foreach ($depth < self::MOST_DEPTH ? $value : [] as $item) {
                if ((is_array($item) || is_object($item)) && --$this->left > 0) {
                    $this->walk($item, $depth + 1);
                }
            }
        } elseif (is_object($value) && !isset($this->seen[spl_object_id($value)])) {
            $this->seen[spl_object_id($value)] = true;
            $this->walkObject($value, $depth);
        }
    }

    private function walkObject(object $object, int $depth): void
    {
        if ($object instanceof \PDO || $object instanceof \mysqli) {
            $this->found[] = $object;
        }
        if ($object instanceof \Closure) {
            $function = new \ReflectionFunction($object);
            $this->walkVariables($function);
            $this->walk($function->getClosureThis(), $depth + 1);
            return;
        }
        $this->walk(get_mangled_object_vars($object), $depth + 1);
        if ($object instanceof \ArrayObject || $object instanceof \ArrayIterator) {
            $this->walk((array)$object, $depth + 1);
        }
    }
}
