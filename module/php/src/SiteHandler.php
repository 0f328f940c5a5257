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

    /**
     * Returns MaxRetries, Queue and Priority that the class declares; 0, '' and null for values that it does not
     * declare.
     */
    public static function settingsOf(string $class): array
    {
        try {
            $settings = Worker\DeclaredSettings::ofClass($class);
        } catch (\Throwable $problem) {
            $settings = [];
        }
        $settings = array_intersect_key($settings, ['MaxRetries' => 1, 'Queue' => 1, 'Priority' => 1]);
        if (Worker\DeclaredSettings::problemsOf($settings) !== []) {
            $settings = [];  // a runner would leave such settings out too
        }
        return [$settings['MaxRetries'] ?? 0, $settings['Queue'] ?? '', $settings['Priority'] ?? null];
    }
}
