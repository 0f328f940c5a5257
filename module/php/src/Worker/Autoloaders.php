<?php

namespace TaskQueue\Worker;

/** The registered functions that load classes. */
final class Autoloaders implements StatePart
{
    /** @var callable[] */
    private $functions;
    /** @var LoadedFiles */
    private $files;

    public function __construct(LoadedFiles $files)
    {
        $this->functions = spl_autoload_functions() ?: [];
        $this->files = $files;
    }

    public function restore(): array
    {
        $now = spl_autoload_functions() ?: [];
        if ($now === $this->functions) {
            return [];
        }
        $isAdded = false;
        foreach ($now as $function) {
            $isAdded = $isAdded || !in_array($function, $this->functions, true);
        }
        if ($isAdded && $this->files->haveGrown()) {
            return ['an autoloader, which a file that was loaded meanwhile may need'];
        }
        foreach ($now as $function) {
            spl_autoload_unregister($function);
        }
        foreach ($this->functions as $function) {
            spl_autoload_register($function);
        }
        return (spl_autoload_functions() ?: []) === $this->functions ? [] : ['the autoloaders'];
    }
}
