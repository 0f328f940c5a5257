<?php

namespace TaskQueue;

/** A handler throws this to stop on request; see TaskRun::stopIfAsked(). */
class Stopped extends TaskError
{
    /** The ErrorCode of a stopped run by its reason. */
    private const CODES = [TaskRun::STOP_CANCEL => 'cancelled', TaskRun::STOP_SHUTDOWN => 'shutdown', TaskRun::STOP_TIME_LIMIT => 'time_limit'];

    /** @var string */
    private $reason;

    /** @param string $reason one of TaskRun::STOP_… */
    public function __construct(string $reason, string $message = '', ?\Throwable $previous = null)
    {
        parent::__construct(self::codeOf($reason), $message, $previous);
        $this->reason = $reason;
    }

    public function getReason(): string
    {
        return $this->reason;
    }

    public static function codeOf(string $reason): string
    {
        return self::CODES[$reason] ?? 'stopped';
    }
}
