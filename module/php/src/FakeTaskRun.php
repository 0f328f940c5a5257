<?php

namespace TaskQueue;

use TaskQueue\Worker\Outcome;
use TaskQueue\Worker\Text;

/**
 * A run for the unit test of a handler: data in; progress, Results, masks and log lines out.
 *
 *     $run = FakeTaskRun::of(['file' => 'a.csv'])->askToStop(TaskRun::STOP_SHUTDOWN, 3);
 *     (new ImportCsv())->handleTaskRun($run);
 */
final class FakeTaskRun extends TaskRunItem
{
    private const NOTE_BYTES = 1020;  // 255 characters
    private const MASKED_BYTES = 16384;
    private const MASKED_VALUES = 100;
    private const COLUMNS = ['Id' => 1, 'TaskHandlerClass' => 'FakeTask', 'QueuedById' => 0, 'MaxRetries' => 5, 'Queue' => 'default',
        'Priority' => 5, 'Title' => ''];
    private const REASONS = [self::STOP_CANCEL, self::STOP_SHUTDOWN, self::STOP_TIME_LIMIT];

    /** @var array<string, mixed> */
    private $task;
    /** @var int */
    private $id;
    /** @var int */
    private $attempt;
    /** @var int */
    private $percent = 0;
    /** @var list<string> */
    private $notes = [];
    /** @var mixed */
    private $results;
    /** @var list<string> */
    private $masks = [];
    /** @var string|null the reason to give */
    private $reason;
    /** @var int looks at the reason that are answered with null */
    private $looksBefore = 0;
    /** @var string|null the reason that the handler has learnt */
    private $toldReason;
    /** @var bool */
    private $isFinished = false;
    /** @var list<array{level: string, message: string, context: array<mixed>}> */
    private $log = [];
    /** @var bool the log's lines are also printed */
    private $printsLog = false;

    /**
     * Use of(), which checks the data.
     *
     * @param array<string, mixed> $task
     */
    public function __construct(array $task = [], int $id = 1, int $attempt = 1)
    {
        parent::__construct();
        $this->task = $task;
        $this->id = $id;
        $this->attempt = $attempt;
    }

    /**
     * Makes a run with this TaskData, which the handler gets as the queue would give it.
     *
     * @param array<mixed> $data
     * @param array<string, mixed> $columns further columns of the task, such as Title
     * @throws EnqueueError when the queue would refuse the data
     */
    public static function of(array $data = [], array $columns = [], int $attempt = 1): self
    {
        $json = (new NewTask('FakeTask', $data, null, null, []))->taskData;
        $columns += ['TaskRunsFailed' => $attempt - 1, 'ScheduledOn' => time(), 'QueuedOn' => time()];
        return new self(['TaskData' => json_decode($json, true)] + $columns + self::COLUMNS, 1, $attempt);
    }

    /** @param array<string, mixed> $task all columns that a handler gets */
    public static function ofTask(array $task, int $id, int $attempt): self
    {
        $run = new self($task, $id, $attempt);
        $run->printsLog = true;
        return $run;
    }

    /**
     * Asks the run to stop.
     *
     * @param string $reason one of TaskRun::STOP_…
     * @param int $looksBefore so many looks of the handler are still answered with null
     */
    public function askToStop(string $reason = self::STOP_CANCEL, int $looksBefore = 0): self
    {
        if (!in_array($reason, self::REASONS, true)) {
            throw new ArgumentError(
                "There is no reason '$reason' to stop.", 'Use a constant TaskRun::STOP_….', 'reason', 'out_of_range'
            );
        }
        $this->reason = $reason;
        $this->looksBefore = $looksBefore;
        return $this;
    }

    public function getId(): int
    {
        return $this->id;
    }

    public function getTaskQueueId(): int
    {
        return $this->task['Id'];
    }

    public function getTaskHandlerClass(): string
    {
        return $this->task['TaskHandlerClass'];
    }

    public function getAttempt(): int
    {
        return $this->attempt;
    }

    public function getMaxAttempts(): int
    {
        return $this->attempt + max($this->task['MaxRetries'] - $this->task['TaskRunsFailed'], 1) - 1;
    }

    public function isLastAttempt(): bool
    {
        return $this->attempt >= $this->getMaxAttempts();
    }

    public function logger(): RunLogger
    {
        return RunLogger::make(function (string $level, string $message, array $context, string $line): void {
            $this->log[] = ['level' => $level, 'message' => $message, 'context' => $context];
            if ($this->printsLog) {
                echo $line;
            }
        });
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
        $this->percent = max($this->percent, min($percents, 100));
        if ($note !== null) {
            $this->notes[] = Text::cut($note, self::NOTE_BYTES);
        }
    }

    /** @throws TaskError when the Results exceed the limits */
    public function setResults($results): void
    {
        Outcome::ofResults($results);
        $this->results = $results;
    }

    public function stopReason(): ?string
    {
        if ($this->toldReason === null && $this->reason !== null && --$this->looksBefore < 0) {
            $this->toldReason = $this->reason;
        }
        return $this->toldReason;
    }

    public function finished(): void
    {
        $this->isFinished = true;
    }

    public function mask(string $value): void
    {
        if (strlen($value) > self::MASKED_BYTES || preg_match('//u', $value) !== 1) {
            throw new ArgumentError(
                'A value to mask must be UTF-8 of at most ' . self::MASKED_BYTES . ' bytes.', 'Mask its parts.', 'value',
                'wrong_text'
            );
        }
        if ($value === '') {
            return;
        }
        $this->masks[] = $value;
        if (count($this->masks) > self::MASKED_VALUES) {
            throw new TaskError('protocol', 'A run may mask ' . self::MASKED_VALUES . ' values.');
        }
    }

    /** Returns the progress from 0 to 100. */
    public function getPercent(): int
    {
        return $this->percent;
    }

    /** Returns the last note; '' if there was none. */
    public function getNote(): string
    {
        return $this->notes === [] ? '' : end($this->notes);
    }

    /** @return list<string> all notes in their order */
    public function getNotes(): array
    {
        return $this->notes;
    }

    /** @return mixed what was given to setResults(); null if nothing was */
    public function getResults()
    {
        return $this->results;
    }

    /** @return list<string> the values that are masked */
    public function getMasks(): array
    {
        return $this->masks;
    }

    /** @return list<array{level: string, message: string, context: array<mixed>}> what logger() was given */
    public function getLog(): array
    {
        return $this->log;
    }

    /** Returns whether finished() was called. */
    public function isFinished(): bool
    {
        return $this->isFinished;
    }

    /** Returns why a handler that returns now has stopped; null if it has completed its work. */
    public function stoppedFor(): ?string
    {
        return $this->isFinished ? null : $this->toldReason;
    }
}
