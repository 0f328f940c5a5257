<?php

namespace TaskQueue;

/**
 * What a handler declares for new tasks.
 *
 * @immutable
 */
final class HandlerDeclaration
{
    public int $maxRetries;
    public string $queue;
    public int $priority;
    /** The window of tasks with a UniqueKey and no UniqueMode; 0: none. */
    public int $uniqueSeconds;
    /** Accepts any object if the handler declares none. */
    public DataSchema $schema;

    /**
     * @param int $maxRetries 0: not declared
     * @param string $queue '': not declared
     * @param string $dataSchema JSON; '': not declared
     */
    public function __construct(int $maxRetries = 0, string $queue = '', ?int $priority = null, string $dataSchema = '', int $uniqueSeconds = 0)
    {
        $this->uniqueSeconds = $uniqueSeconds;
        $this->maxRetries = $maxRetries ?: 5;
        $this->queue = $queue !== '' ? $queue : 'default';
        $this->priority = $priority ?? 5;
        $this->schema = DataSchema::of($dataSchema);
    }

    /**
     * Returns the task's options, with those that the handler declares.
     *
     * @return array<string, mixed>
     */
    public function optionsOf(NewTask $task): array
    {
        $options = $task->options;
        if ($this->uniqueSeconds > 0 && isset($options['UniqueKey']) && !isset($options['UniqueMode'])) {
            $options['UniqueSeconds'] = $this->uniqueSeconds;
        }
        return $options;
    }
}
