<?php

namespace TaskQueue;

/** All exceptions of the client implement it. The message says what is wrong and how to mend it. */
interface ClientError extends \Throwable
{
    /** Returns the kind of the error for programs, such as out_of_range. */
    public function getErrorCode(): string;

    /**
     * Returns the wrong member of the task, such as Priority or TaskData/file, or the wrong argument, such as
     * tablePrefix; null if no single one is wrong.
     */
    public function getMember(): ?string;

    /** Returns a sentence that says how to mend it. */
    public function getMend(): string;
}
