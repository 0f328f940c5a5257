<?php

namespace TaskQueue\Worker;

use TaskQueue\IDeclaredTaskHandler;
use TaskQueue\ITaskHandler;

/** What the bootstrap file returned: which classes are handled, and how a handler is made. */
final class HandlerList
{
    /** @var array<string, callable|string> */
    private $makers = [];
    /** @var array<string, true> classes with OnCrash fail, once they are declared */
    private $failing = [];

    /** @param mixed $list of class names, or TaskHandlerClass => function that makes the handler */
    public function __construct($list)
    {
        if (!is_array($list)) {
            throw new \UnexpectedValueException('the bootstrap file must return an array of handlers');
        }
        foreach ($list as $name => $maker) {
            if (is_int($name)) {
                $name = is_string($maker) ? $maker : '';
            }
            if (!($maker instanceof \Closure) && !(is_string($maker) && is_subclass_of($maker, ITaskHandler::class))) {
                $shown = is_string($maker) ? $maker : gettype($maker);
                throw new \UnexpectedValueException("$shown is no class that implements " . ITaskHandler::class);
            }
            $this->makers[$name] = $maker;
        }
    }

    /** The announcement to the runner. */
    public function declarations(): array
    {
        $list = [];
        foreach ($this->makers as $name => $maker) {
            $settings = is_string($maker) && is_subclass_of($maker, IDeclaredTaskHandler::class)
                ? $maker::getTaskHandlerSettings()
                : [];
            $entry = ['TaskHandlerClass' => $name];
            if (isset($settings['DataSchema'])) {
                $schema = $settings['DataSchema'];
                $entry['DataSchema'] = is_string($schema) ? json_decode($schema) : $schema;
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

    /** True when a task whose process has died is not tried again by itself. */
    public function failsOnCrash(string $name): bool
    {
        return isset($this->failing[$name]);
    }

    public function has(string $name): bool
    {
        return isset($this->makers[$name]);
    }
}
