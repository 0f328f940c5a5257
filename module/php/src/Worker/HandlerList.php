<?php

namespace TaskQueue\Worker;

use TaskQueue\ITaskHandler;
use TaskQueue\TaskText;

/** The handlers that the bootstrap file returned, with the functions that make them. */
final class HandlerList
{
    private const CLASS_CHARACTERS = 255;

    /** @var array<string, callable|string> */
    private $makers = [];
    /** @var array<string, true> classes that declare OnCrash = fail */
    private $failing = [];

    /**
     * @param mixed $list class names, or TaskHandlerClass => what makes the handler: a function, or a PSR-11 container
     *     that has it under that name
     */
    public function __construct($list)
    {
        if (!is_array($list)) {
            throw new \UnexpectedValueException('the bootstrap file must return an array of handlers');
        }
        foreach ($list as $name => $maker) {
            $name = is_int($name) ? self::nameOf($name, $maker) : $name;
            $problem = TaskText::problemOf($name, self::CLASS_CHARACTERS);
            if ($problem !== null) {
                throw new \UnexpectedValueException("the name of a handler {$problem[0]}: " . lcfirst(rtrim($problem[1], '.')));
            }
            if (is_object($maker) && !$maker instanceof \Closure) {
                $maker = self::makerOf($maker, $name);
            }
            if (!$maker instanceof \Closure) {
                self::checkClass($maker);
            }
            $this->makers[$name] = $maker;
        }
    }

    /** @param mixed $entry of the list, without a name before it */
    private static function nameOf(int $position, $entry): string
    {
        if (is_string($entry)) {
            return $entry;
        }
        $shown = is_object($entry) ? 'an object of ' . get_class($entry) : 'of type ' . gettype($entry);
        throw new \UnexpectedValueException(
            "entry $position of the list is $shown and has no name of a handler; "
            . 'give the class as Name::class, or Name::class => a function that makes it'
        );
    }

    /** @param object $container a PSR-11 container; psr/container need not be there */
    private static function makerOf(object $container, string $name): \Closure
    {
        if (!method_exists($container, 'get') || !method_exists($container, 'has')) {
            $shown = get_class($container);
            throw new \UnexpectedValueException("$name: $shown is neither a function nor a container with get() and has()");
        }
        if (!$container->has($name)) {
            throw new \UnexpectedValueException("the container has no $name");
        }
        return static function () use ($container, $name) {
            return $container->get($name);
        };
    }

    /** @param mixed $class */
    private static function checkClass($class): void
    {
        $shown = is_string($class) ? $class : gettype($class);
        if (!is_string($class) || !class_exists($class)) {
            throw new \UnexpectedValueException("there is no class $shown");
        }
        if (!is_subclass_of($class, ITaskHandler::class)) {
            throw new \UnexpectedValueException("$shown is no class that implements " . ITaskHandler::class);
        }
        $reflected = new \ReflectionClass($class);
        $constructor = $reflected->getConstructor();
        if (!$reflected->isInstantiable() || ($constructor !== null && $constructor->getNumberOfRequiredParameters() > 0)) {
            throw new \UnexpectedValueException("$shown cannot be made by new $shown(); give a function that makes it");
        }
    }

    /** @return string[] problems of the settings that handlers declare; a runner leaves such settings out */
    public function problems(): array
    {
        $problems = [];
        foreach ($this->makers as $name => $maker) {
            foreach (DeclaredSettings::problemsOf(self::settingsOf($name, $maker)) as $problem) {
                $problems[] = "$name: $problem";
            }
        }
        return $problems;
    }

    /**
     * A handler that a function makes has the settings of the class that its name is.
     *
     * @param callable|string $maker
     * @return array<string, mixed>
     */
    private static function settingsOf(string $name, $maker): array
    {
        return DeclaredSettings::ofClass(is_string($maker) ? $maker : $name);
    }

    /**
     * Returns the announcement for the runner.
     *
     * @return list<array<string, mixed>>
     */
    public function declarations(): array
    {
        $list = [];
        foreach ($this->makers as $name => $maker) {
            $settings = self::settingsOf($name, $maker);
            $entry = ['TaskHandlerClass' => $name];
            if (isset($settings['DataSchema'])) {
                $schema = $settings['DataSchema'];
                $entry['DataSchema'] = is_string($schema) ? json_decode($schema) ?? $schema : $schema;
            }
            unset($settings['DataSchema']);
            if (($settings['OnCrash'] ?? '') === 'fail') {
                $this->failing[$name] = true;
            }
            $list[] = $entry + $settings;
        }
        return $list;
    }

    public function make(string $name): ITaskHandler
    {
        $maker = $this->makers[$name];
        $handler = is_string($maker) ? new $maker() : $maker();
        if (!$handler instanceof ITaskHandler) {
            throw new \UnexpectedValueException("the handler made for $name does not implement " . ITaskHandler::class);
        }
        return $handler;
    }

    /** Returns true if a task is not retried automatically after its process has died. */
    public function failsOnCrash(string $name): bool
    {
        return isset($this->failing[$name]);
    }

    public function has(string $name): bool
    {
        return isset($this->makers[$name]);
    }
}
