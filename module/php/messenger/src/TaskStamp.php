<?php

namespace TaskQueue\Messenger;

use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Stamp\NonSendableStampInterface;

/** Options of a message's task. A message may have several of these stamps; of equal options the last one counts. */
final class TaskStamp implements NonSendableStampInterface
{
    /** @var array<string, int|string> */
    private $options;

    /** @param array<string, int|string> $options as those of TaskQueue::addTask() */
    public function __construct(array $options)
    {
        $this->options = $options;
    }

    public static function queue(string $queue): self
    {
        return new self(['Queue' => $queue]);
    }

    /** @param int $priority 0 is first, 9 is last */
    public static function priority(int $priority): self
    {
        return new self(['Priority' => $priority]);
    }

    /**
     * @param string $mode 'keep': a live task with this key stands for the new one. 'replace': the new one supersedes it.
     *     'window': as keep, also after a success, until $seconds have passed since the enqueue
     */
    public static function unique(string $key, string $mode = 'keep', int $seconds = 0): self
    {
        return new self(['UniqueKey' => $key, 'UniqueMode' => $mode] + ($seconds === 0 ? [] : ['UniqueSeconds' => $seconds]));
    }

    public static function title(string $title): self
    {
        return new self(['Title' => $title]);
    }

    /** @return array<string, int|string> of all these stamps of the envelope */
    public static function optionsOf(Envelope $envelope): array
    {
        $options = [];
        foreach ($envelope->all(self::class) as $stamp) {
            $options = $stamp->options + $options;
        }
        return $options;
    }
}
