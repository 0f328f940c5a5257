<?php

namespace TaskQueue\Worker;

/** A part of the process as it was when the object was made. */
interface StatePart
{
    /**
     * Puts back what a run has changed.
     *
     * @return string[] what cannot be put back, each in words that end a sentence
     */
    public function restore(): array;
}
