<?php

namespace TaskQueue\Worker;

use TaskQueue\RunLogger;
use TaskQueue\TaskRunItem;

/** The run, as its handler sees it. It sends nothing after the run is over. */
final class HostedRun extends TaskRunItem
{
    private const SECONDS_BETWEEN_PROGRESS = 0.1;
    private const MASKED_BYTES = 16384;
    private const NOTE_BYTES = 1020;  // 255 characters

    /** @var Control */
    private $control;
    /** @var array<string, mixed> */
    private $run;
    /** @var array<string, mixed> */
    private $task;
    /** @var int */
    private $percents = 0;
    /** @var string|null */
    private $note;
    /** @var bool */
    private $unsent = false;
    /** @var float */
    private $sentAt = 0.0;
    /** @var mixed */
    private $results;
    /** @var string|null as reported to the handler */
    private $stopReason;
    /** @var bool */
    private $finished = false;
    /** @var bool */
    private $over = false;
    /** @var RunLogger|null */
    private $logger;

    /**
     * @param array<string, mixed> $run
     * @param array<string, mixed> $task
     */
    public function __construct(Control $control, array $run, array $task)
    {
        $this->control = $control;
        $this->run = $run;
        $this->task = $task;
    }

    public function getId(): int
    {
        return $this->run['Id'];
    }

    public function getTaskQueueId(): int
    {
        return $this->run['TaskQueueId'];
    }

    public function getTaskHandlerClass(): string
    {
        return $this->task['TaskHandlerClass'];
    }

    public function getAttempt(): int
    {
        return $this->run['Attempt'];
    }

    public function getMaxAttempts(): int
    {
        $left = ($this->task['MaxRetries'] ?? 1) - ($this->task['TaskRunsFailed'] ?? 0);
        return $this->run['Attempt'] + max($left, 1) - 1;
    }

    public function isLastAttempt(): bool
    {
        return $this->run['Attempt'] >= $this->getMaxAttempts();
    }

    public function logger(): RunLogger
    {
        return $this->logger ?? ($this->logger = RunLogger::make());
    }

    public function getTask(): array
    {
        return $this->task;
    }

    public function getTaskData(): array
    {
        return $this->task['TaskData'];
    }

    public function setProgress(int $percents, ?string $note = null): void
    {
        $this->percents = max($this->percents, min($percents, 100));
        $this->note = $note === null ? $this->note : Text::cut($note, self::NOTE_BYTES);
        $this->unsent = true;
        $now = microtime(true);
        if ($now - $this->sentAt >= self::SECONDS_BETWEEN_PROGRESS) {
            $this->sentAt = $now;
            $this->sendProgress();
        }
    }

    public function setResults($results): void
    {
        $this->results = $results;
    }

    public function stopReason(): ?string
    {
        $message = $this->stopReason !== null || $this->over ? null : $this->control->poll();
        // A stop can come late: the runner meant the run before, and had not read its end yet.
        $isMeant = $message !== null && ($message['RunToken'] ?? $this->run['RunToken'] ?? '') === ($this->run['RunToken'] ?? '');
        if ($isMeant && ($message['type'] ?? '') === 'cancel') {
            $this->stopReason = $message['reason'] ?? self::STOP_CANCEL;
        }
        return $this->stopReason;
    }

    public function finished(): void
    {
        $this->finished = true;
    }

    public function mask(string $value): void
    {
        if (strlen($value) > self::MASKED_BYTES || preg_match('//u', $value) !== 1) {
            throw new \InvalidArgumentException('A value to mask must be UTF-8 of at most ' . self::MASKED_BYTES . ' bytes.');
        }
        if ($value !== '' && !$this->over) {
            Text::mask($value);
            $this->control->sendMask(['type' => 'mask', 'Value' => $value, 'RunToken' => $this->run['RunToken'] ?? '']);
        }
    }

    /** Returns why the handler stops when it returns now; null if it has completed its work. */
    public function stoppedFor(): ?string
    {
        return $this->finished ? null : $this->stopReason;
    }

    public function sendProgress(): void
    {
        if (!$this->unsent) {
            return;
        }
        $this->unsent = false;
        $message = ['type' => 'progress', 'PercentsCompleted' => $this->percents];
        if ($this->note !== null) {
            $message['ProgressNote'] = $this->note;
        }
        $this->send($message, null);
    }

    /**
     * Sends the end of the run, with additional members.
     *
     * @param array<string, mixed> $members
     */
    public function finish(Outcome $outcome, array $members): void
    {
        $this->sendProgress();
        $this->send($outcome->message + $members, $outcome->results);
        $this->over = true;
    }

    /** @param array<string, mixed> $message */
    private function send(array $message, ?string $results): void
    {
        if (!$this->over) {
            $this->control->send($message + ['RunToken' => $this->run['RunToken'] ?? ''], $results);
        }
    }

    /** @return mixed */
    public function getResults()
    {
        return $this->results;
    }
}
