<?php

namespace TaskQueue;

/** A handler that is a class of the site. Runners may not have announced it yet. */
final class SiteHandler
{
    /** Accepts a class that cannot be loaded too: a broken handler must not break the page that enqueues. */
    public static function exists(string $class): bool
    {
        try {
            return class_exists($class) && is_subclass_of($class, ITaskHandler::class);
        } catch (\Throwable $problem) {
            return true;
        }
    }

    /** Returns what the class declares; a declaration that a runner would leave out counts as none. */
    public static function declarationOf(string $class): HandlerDeclaration
    {
        try {
            $settings = Worker\DeclaredSettings::ofClass($class);
        } catch (\Throwable $problem) {
            $settings = [];
        }
        $settings = array_intersect_key($settings, ['MaxRetries' => 1, 'Queue' => 1, 'Priority' => 1, 'DataSchema' => 1, 'UniqueSeconds' => 1]);
        if (Worker\DeclaredSettings::problemsOf($settings) !== []) {
            $settings = [];
        }
        $schema = $settings['DataSchema'] ?? '';
        return new HandlerDeclaration(
            (int)($settings['MaxRetries'] ?? 0),
            (string)($settings['Queue'] ?? ''),
            isset($settings['Priority']) ? (int)$settings['Priority'] : null,
            is_string($schema) ? $schema : (string)json_encode($schema),
            (int)ceil($settings['UniqueSeconds'] ?? 0)
        );
    }
}
