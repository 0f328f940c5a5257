<?php

namespace TaskQueue\Worker;

use TaskQueue\IDeclaredTaskHandler;
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

    /** @param mixed $list class names, or TaskHandlerClass => function that makes the handler */
    public function __construct($list)
    {
        if (!is_array($list)) {
            throw new \UnexpectedValueException('the bootstrap file must return an array of handlers');
        }
        foreach ($list as $name => $maker) {
            if (is_int($name)) {
                $name = is_string($maker) ? $maker : '';
            }
            if (!($maker instanceof \Closure)) {
                self::checkClass($maker);
            }
            TaskText::check('name of a handler', $name, self::CLASS_CHARACTERS);
            $this->makers[$name] = $maker;
        }
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
            foreach (DeclaredSettings::problemsOf(self::settingsOf($maker)) as $problem) {
                $problems[] = "$name: $problem";
            }
        }
        return $problems;
    }

    /** @param callable|string $maker */
    private static function settingsOf($maker): array
    {
        $isDeclared = is_string($maker) && is_subclass_of($maker, IDeclaredTaskHandler::class);
        return $isDeclared ? $maker::getTaskHandlerSettings() : [];
    }

    /** Returns the announcement for the runner. */
    public function declarations(): array
    {
        $list = [];
        foreach ($this->makers as $name => $maker) {
            $settings = self::settingsOf($maker);
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
