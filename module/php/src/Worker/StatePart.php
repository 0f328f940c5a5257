<?php

namespace TaskQueue\Worker;

/** A part of the process state, as it was when the object was created. */
interface StatePart
{
    /**
     * Restores what a run has changed.
     *
     * @return string[] what cannot be restored, each as the end of a sentence
     */
    public function restore(): array;
}
