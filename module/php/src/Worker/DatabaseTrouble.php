<?php

namespace TaskQueue\Worker;

/** A watched connection did not execute a command. */
final class DatabaseTrouble extends \RuntimeException
{
    // The server has gone away, was lost, has killed the connection, or has closed it after it was idle.
    private const LOST = [1927, 2006, 2013, 2055, 4031];

    public static function of(int $code, string $message): self
    {
        return new self($message, $code);
    }

    public function isLoss(): bool
    {
        return in_array($this->getCode(), self::LOST, true);
    }
}
