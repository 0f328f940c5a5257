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
    /** Accepts any object if the handler declares none. */
    public DataSchema $schema;

    /**
     * @param int $maxRetries 0: not declared
     * @param string $queue '': not declared
     * @param string $dataSchema JSON; '': not declared
     */
    public function __construct(int $maxRetries = 0, string $queue = '', ?int $priority = null, string $dataSchema = '')
    {
        $this->maxRetries = $maxRetries ?: 5;
        $this->queue = $queue !== '' ? $queue : 'default';
        $this->priority = $priority ?? 5;
        $this->schema = DataSchema::of($dataSchema);
    }
}
