<?php

namespace TaskQueue\Messenger;

/**
 * Turns values, objects among them, into data that JSON can say, and back without loss. An object that is there twice
 * becomes two equal ones.
 */
final class ObjectData
{
    private const CLASS_MEMBER = '@class';
    private const STATE = '@state';            // what __serialize() returned
    private const SERIALIZED = '@serialized';  // what PHP alone can say; pages hide members with this ending
    private const BYTES = '@bytes';            // Base64 of a text that is no UTF-8
    private const ENTRIES = '@entries';        // an array with keys that could be mistaken
    private const ENUM = '@enum';
    private const TIME = '@time';
    private const ZONE = '@zone';
    private const TIME_FORMAT = 'Y-m-d\TH:i:s.u';

    /** @var array<int, true> objects that are being written, by spl_object_id */
    private $open = [];

    /**
     * @param mixed $value
     * @param string $place names the value in messages
     * @return mixed
     * @throws \UnexpectedValueException that names the place
     */
    public static function of($value, string $place)
    {
        return (new self())->dataOf($value, $place);
    }

    /**
     * Returns the properties of the object by their names.
     *
     * @return array<string, mixed>
     * @throws \UnexpectedValueException that names the place
     */
    public static function ofProperties(object $object, string $place): array
    {
        $data = (new self())->dataOf($object, $place);
        unset($data[self::CLASS_MEMBER]);
        return $data;
    }

    /**
     * Returns the object of this class with the data that ofProperties() returned.
     *
     * @param array<string, mixed> $data
     */
    public static function objectOf(string $class, array $data): object
    {
        return (object)self::valueOf([self::CLASS_MEMBER => $class] + $data);
    }

    /**
     * @param mixed $data
     * @return mixed
     * @throws \UnexpectedValueException
     */
    public static function valueOf($data)
    {
        if (!is_array($data)) {
            return $data;
        }
        if (isset($data[self::CLASS_MEMBER])) {
            return self::makeObject($data[self::CLASS_MEMBER], $data);
        }
        if (isset($data[self::BYTES])) {
            return base64_decode($data[self::BYTES]);
        }
        if (isset($data[self::ENUM])) {
            return constant($data[self::ENUM]);
        }
        if (isset($data[self::ENTRIES])) {
            $entries = [];
            foreach ($data[self::ENTRIES] as [$key, $value]) {
                $entries[self::valueOf($key)] = self::valueOf($value);
            }
            return $entries;
        }
        return array_map([self::class, 'valueOf'], $data);
    }

    /**
     * @param mixed $value
     * @return mixed
     */
    private function dataOf($value, string $place)
    {
        if (is_string($value)) {
            return preg_match('//u', $value) === 1 ? $value : [self::BYTES => base64_encode($value)];
        }
        if (is_array($value)) {
            return $this->arrayData($value, $place);
        }
        if (is_object($value)) {
            return $this->objectData($value, $place);
        }
        if (is_resource($value) || (is_float($value) && !is_finite($value))) {
            $what = is_float($value) ? 'no finite number' : 'a resource';
            throw new \UnexpectedValueException("$place cannot be sent: it is $what.");
        }
        return $value;
    }

    /**
     * @param array<mixed> $array
     * @return array<mixed>
     */
    private function arrayData(array $array, string $place): array
    {
        $data = [];
        $mistakable = false;
        foreach ($array as $key => $value) {
            $data[$key] = $this->dataOf($value, "{$place}[$key]");
            $mistakable = $mistakable || (is_string($key) && ($key === '' || $key[0] === '@' || preg_match('//u', $key) !== 1));
        }
        if (!$mistakable) {
            return $data;
        }
        $entries = [];
        foreach ($data as $key => $value) {
            $entries[] = [$this->dataOf($key, $place), $value];
        }
        return [self::ENTRIES => $entries];
    }

    /** @return array<string, mixed> */
    private function objectData(object $object, string $place): array
    {
        $id = spl_object_id($object);
        if (isset($this->open[$id])) {
            throw new \UnexpectedValueException("$place cannot be sent: it contains itself.");
        }
        $this->open[$id] = true;
        $class = get_class($object);
        if (is_a($object, 'UnitEnum')) {  // PHP 8.1
            $data = [self::ENUM => "$class::{$object->name}"];
        } elseif ($object instanceof \DateTimeInterface) {
            $zone = $object->getTimezone()->getName();
            $data = [self::CLASS_MEMBER => $class, self::TIME => $object->format(self::TIME_FORMAT), self::ZONE => $zone];
        } elseif (method_exists($object, '__serialize') && !self::isInternal($class)) {
            $data = [self::CLASS_MEMBER => $class, self::STATE => $this->dataOf($object->__serialize(), $place)];
        } elseif (self::onlyPhpCanSay($object, $class)) {
            $data = [self::CLASS_MEMBER => $class, self::SERIALIZED => $this->dataOf(self::serialized($object, $place), $place)];
        } else {
            $data = [self::CLASS_MEMBER => $class] + $this->properties($object, $place);
        }
        unset($this->open[$id]);
        return $data;
    }

    private static function onlyPhpCanSay(object $object, string $class): bool
    {
        return (self::isInternal($class) && $class !== \stdClass::class) || $object instanceof \Serializable
            || method_exists($object, '__sleep') || method_exists($object, '__wakeup') || strpos($class, "@anonymous") !== false;
    }

    /** Returns whether the class, or one above it, belongs to PHP, which may keep a state outside of properties. */
    private static function isInternal(string $class): bool
    {
        for ($reflected = new \ReflectionClass($class); $reflected; $reflected = $reflected->getParentClass()) {
            if ($reflected->isInternal()) {
                return true;
            }
        }
        return false;
    }

    private static function serialized(object $object, string $place): string
    {
        try {
            return serialize($object);
        } catch (\Throwable $problem) {
            throw new \UnexpectedValueException("$place cannot be sent: {$problem->getMessage()}.", 0, $problem);
        }
    }

    /** @return array<string, mixed> */
    private function properties(object $object, string $place): array
    {
        $data = [];
        $class = get_class($object);
        foreach ((array)$object as $name => $value) {
            // Names of private and protected properties are "\0Class\0name" and "\0*\0name".
            $parts = explode("\0", (string)$name);
            $plain = end($parts);
            $isOfParent = count($parts) === 3 && $parts[1] !== '*' && $parts[1] !== $class;
            if ($plain === '' || $plain[0] === '@') {
                throw new \UnexpectedValueException("$place cannot be sent: it has a property '$plain'.");
            }
            $data[$isOfParent ? "$parts[1]::$plain" : $plain] = $this->dataOf($value, "$place::\$$plain");
        }
        return $data;
    }

    /** @param array<mixed> $data */
    private static function makeObject(string $class, array $data): object
    {
        if (!class_exists($class)) {
            throw new \UnexpectedValueException("there is no class $class");
        }
        if (isset($data[self::TIME])) {
            return new $class($data[self::TIME], new \DateTimeZone($data[self::ZONE]));
        }
        if (isset($data[self::SERIALIZED])) {
            return unserialize((string)self::valueOf($data[self::SERIALIZED]));
        }
        $reflected = new \ReflectionClass($class);
        $object = $reflected->newInstanceWithoutConstructor();
        if (isset($data[self::STATE])) {
            $object->__unserialize(self::valueOf($data[self::STATE]));
            return $object;
        }
        unset($data[self::CLASS_MEMBER]);
        foreach ($data as $name => $value) {
            self::setProperty($reflected, $object, (string)$name, self::valueOf($value));
        }
        return $object;
    }

    /**
     * @param \ReflectionClass<object> $class
     * @param mixed $value
     */
    private static function setProperty(\ReflectionClass $class, object $object, string $name, $value): void
    {
        $separator = strrpos($name, '::');
        $owner = $separator === false ? $class->getName() : substr($name, 0, $separator);
        $name = $separator === false ? $name : substr($name, $separator + 2);
        if (!property_exists($owner, $name)) {
            $object->{$name} = $value;  // of a stdClass, or one that the class had when the message was sent
            return;
        }
        $property = new \ReflectionProperty($owner, $name);
        $property = new \ReflectionProperty($property->getDeclaringClass()->getName(), $name);
        $property->setAccessible(true);
        $property->setValue($object, $value);
    }
}
