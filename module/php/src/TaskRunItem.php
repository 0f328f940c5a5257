<?php

namespace TaskQueue;

/**
 * A run that also answers as an item of an In-Portal CMS: handleTaskRun(kDBItem $task_run). It is no row: GetDBField() reads
 * what the runner has sent, and Update() reports to the runner. Methods take more parameters than they read, since versions
 * of the CMS differ.
 */
abstract class TaskRunItem extends ItemOfCms implements TaskRun
{
    private const OWN_TO_SET = ['PercentsCompleted', 'ProgressNote', 'Results', 'ErrorCode', 'ErrorMessage'];

    /** @var array<string, mixed> what SetDBField() has set */
    private $itemFields = [];
    /** @var array<string, mixed> what Update() has reported */
    private $updatedFields = [];

    // No call of the CMS's constructor: it would connect the item to the CMS's table of runs.
    public function __construct()
    {
    }

    /** This is GetID(), too: names of methods have no case. Each class of runs overrides it; PHP makes it not abstract. */
    public function getId(): int
    {
        return 0;
    }

    public function isCancelled(): bool
    {
        return $this->stopReason() !== null;
    }

    public function stopIfAsked(string $message = ''): void
    {
        $reason = $this->stopReason();
        if ($reason !== null) {
            throw new Stopped($reason, $message);
        }
    }

    /** @return mixed a column of the run or of its task; TaskData and Results as JSON */
    public function GetDBField($name, ...$more)
    {
        $fields = $this->GetFieldValues();
        if (!array_key_exists($name, $fields)) {
            throw new \OutOfBoundsException("A run has no column $name here; it has " . implode(', ', array_keys($fields)) . '.');
        }
        return $fields[$name];
    }

    public function GetField($name, ...$more)
    {
        return $this->GetDBField($name);
    }

    public function GetOriginalField($name, ...$more)
    {
        $isOurs = in_array($name, self::OWN_TO_SET, true);
        return $isOurs ? $this->updatedFields[$name] ?? null : $this->GetDBField($name);
    }

    public function HasField($name, ...$more)
    {
        return array_key_exists($name, $this->GetFieldValues());
    }

    /** @return array<string, mixed> by column */
    public function GetFieldValues(...$more)
    {
        $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;
        $task = $this->getTask();
        $data = $this->getTaskData();
        return $this->itemFields + [
            'Id' => $this->getId(),
            'TaskQueueId' => $this->getTaskQueueId(),
            'Attempt' => $this->getAttempt(),
            'Status' => 'running',
            'TaskData' => $data === [] ? '{}' : json_encode($data, $flags),
            'LastStatus' => 'running',
            'PercentsCompleted' => 0,
            'ProgressNote' => '',
            'Results' => null,
            'ErrorCode' => '',
            'ErrorMessage' => '',
            'FinishedOn' => null,
        ] + $task;
    }

    public function isLoaded(...$more)
    {
        return true;
    }

    /** Sets a column that belongs to the handler. Nothing is reported before Update(). */
    public function SetDBField($name, $value = null, ...$more)
    {
        if (!in_array($name, self::OWN_TO_SET, true)) {
            throw new \LogicException("The queue alone writes $name; a handler sets " . implode(', ', self::OWN_TO_SET) . '.');
        }
        if ($name === 'Results' && is_string($value) && json_decode($value) === null && trim($value) !== 'null') {
            throw new \InvalidArgumentException('Results must be JSON: ' . json_last_error_msg() . '.');
        }
        $this->itemFields[$name] = $name === 'Results' && $value !== null && !is_string($value) ? json_encode($value) : $value;
    }

    public function SetField($name, $value = null, ...$more)
    {
        $this->SetDBField($name, $value);
    }

    public function SetDBFieldsFromHash($hash, ...$more)
    {
        foreach ($hash as $name => $value) {
            $this->SetDBField($name, $value);
        }
    }

    /** Reports progress and Results to the runner. An ErrorCode ends the run as an error when the handler returns. */
    public function Update($id = null, ...$more)
    {
        $fields = $this->itemFields;
        $this->updatedFields = $fields;
        if (isset($fields['PercentsCompleted']) || isset($fields['ProgressNote'])) {
            $this->setProgress((int)($fields['PercentsCompleted'] ?? 0), $fields['ProgressNote'] ?? null);
        }
        if (isset($fields['Results'])) {
            $this->setResults(json_decode($fields['Results'], true));
        }
        return true;
    }

    public function Load($id, ...$more)
    {
        throw self::refusal('Load');
    }

    public function Create($id = null, ...$more)
    {
        throw self::refusal('Create');
    }

    public function Delete($id = null, ...$more)
    {
        throw self::refusal('Delete');
    }

    /** Returns the known error that the handler has written with Update(); null if there is none. */
    public function updatedError(): ?TaskError
    {
        $code = (string)($this->updatedFields['ErrorCode'] ?? '');
        $message = (string)($this->updatedFields['ErrorMessage'] ?? '');
        return $code === '' && $message === '' ? null : new TaskError($code === '' ? 'error' : $code, $message);
    }

    private static function refusal(string $method): \LogicException
    {
        return new \LogicException("$method() does not work on the run that a handler is given: the queue owns its row.");
    }
}
