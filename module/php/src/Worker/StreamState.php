<?php

namespace TaskQueue\Worker;

/** Stream wrappers and filters, the default context, and the blocking mode of the standard streams. */
final class StreamState implements StatePart
{
    /** @var string[] in their order, which shows that one was replaced */
    private $wrappers;
    /** @var bool whether all wrappers are built in, so that each can be restored by its name */
    private $areBuiltIn;
    /** @var string[] */
    private $filters;
    /** @var array<string, mixed> */
    private $context;
    /** @var LoadedFiles */
    private $files;

    /** @param string[] $builtIn stream_get_wrappers() before the site was loaded */
    public function __construct(array $builtIn, LoadedFiles $files)
    {
        $this->wrappers = stream_get_wrappers();
        $this->areBuiltIn = $this->wrappers === $builtIn;
        $this->filters = stream_get_filters();
        $this->context = self::defaultContext();
        $this->files = $files;
    }

    public function restore(): array
    {
        $stays = stream_get_wrappers() === $this->wrappers ? [] : $this->restoreWrappers();
        if (stream_get_filters() !== $this->filters) {
            $stays[] = 'a filter of streams (register it in the bootstrap file)';
        }
        if (self::defaultContext() !== $this->context) {
            @stream_context_set_option(stream_context_get_default(), $this->context['options']);
            if (self::defaultContext() !== $this->context) {
                $stays[] = 'the default context of streams';
            }
        }
        StandardStreams::setBlocking();
        return $stays;
    }

    /**
     * A context option can only be set, not removed.
     *
     * @return array{options: array<string, array<string, mixed>>}&array<string, mixed>
     */
    private static function defaultContext(): array
    {
        $context = stream_context_get_default();
        return ['options' => stream_context_get_options($context)] + stream_context_get_params($context);
    }

    /** @return list<string> what stays */
    private function restoreWrappers(): array
    {
        $added = array_diff(stream_get_wrappers(), $this->wrappers);
        $isForFile = $added !== [] && $this->files->haveGrown();
        if (!$isForFile) {
            array_map('stream_wrapper_unregister', $added);
            if ($this->areBuiltIn && array_values(stream_get_wrappers()) !== $this->wrappers) {
                $this->restoreBuiltIn();
            }
        }
        return array_values(stream_get_wrappers()) === $this->wrappers ? [] : ['the wrappers of streams'];
    }

    /** Restores all of them in their order, because a class may have replaced any of them. */
    private function restoreBuiltIn(): void
    {
        foreach ($this->wrappers as $name) {
            @stream_wrapper_unregister($name);
            @stream_wrapper_restore($name);
        }
    }
}
