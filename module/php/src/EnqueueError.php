<?php

namespace TaskQueue;

/** The task was refused, and nothing was enqueued. */
class EnqueueError extends \RuntimeException implements ClientError
{
    use ExplainsError;

    /** Returns the same refusal of one task among several. */
    public function ofTask(int $position): self
    {
        $problem = "Task $position: " . $this->getMessage();
        $member = $this->member === null ? (string)$position : "$position/{$this->member}";
        $error = new self($problem, '', $member, $this->errorCode, $this);
        $error->mend = $this->mend;
        return $error;
    }
}
