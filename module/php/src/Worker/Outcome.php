<?php

namespace TaskQueue\Worker;

use TaskQueue\GiveUp;
use TaskQueue\JsonText;
use TaskQueue\RetryAfter;
use TaskQueue\Snooze;
use TaskQueue\Stopped;
use TaskQueue\TaskError;

/** The end of a run, within the limits of the protocol. */
final class Outcome
{
    // The limits of a protocol line (runner/protocol.cpp), minus what surrounds the Results.
    private const RESULTS_BYTES = 1048576;
    private const RESULTS_DEPTH = 63;
    private const RESULTS_VALUES = 199900;
    private const CODE_BYTES = 255;
    private const MESSAGE_BYTES = 16384;
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;
    private const FATAL = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;

    /** @var array<string, mixed> the message, without Results */
    public $message;
    /** @var string|null JSON */
    public $results;
    /** @var \Throwable|null */
    private $thrown;

    /** @param array<string, mixed> $message */
    private function __construct(array $message, ?string $results = null)
    {
        $this->message = $message;
        $this->results = $results;
    }

    /**
     * @param mixed $results null: none
     * @throws TaskError when they exceed the limits
     */
    public static function ofResults($results): self
    {
        return new self(['type' => 'result'], self::jsonOf($results));
    }

    /** The handler returned after the run was asked to stop: the Results are kept, and the runner adds the message. */
    public function asStop(string $reason): self
    {
        $this->message = ['type' => 'error', 'ErrorCode' => Stopped::codeOf($reason), 'ErrorMessage' => ''];
        return $this;
    }

    /**
     * Adds the Results that the handler had set before it failed. Results beyond the limits are only reported in the
     * error output.
     */
    public function withResultsOfFailure($results): self
    {
        try {
            $this->results = self::jsonOf($results);
        } catch (\Throwable $problem) {  // jsonSerialize() may throw too
            StandardStreams::writeError($problem->getMessage() . "\n");
        }
        return $this;
    }

    /** @throws TaskError when they exceed the limits */
    private static function jsonOf($results): ?string
    {
        if ($results === null) {
            return null;
        }
        try {
            return JsonText::of($results, self::FLAGS, self::RESULTS_DEPTH, self::RESULTS_VALUES, self::RESULTS_BYTES);
        } catch (\LengthException | \UnexpectedValueException $problem) {
            throw new TaskError('results', 'What the handler gave as Results ' . $problem->getMessage() . '.');
        }
    }

    public static function ofThrown(\Throwable $thrown): self
    {
        if ($thrown instanceof Snooze) {
            return new self(['type' => 'snooze', 'Seconds' => $thrown->getSeconds()]);
        }
        $type = $thrown instanceof GiveUp ? 'give_up' : ($thrown instanceof RetryAfter ? 'retry_after' : 'error');
        $isKnown = $thrown instanceof TaskError;
        $outcome = self::ofError(
            $type,
            $isKnown ? $thrown->getErrorCode() : get_class($thrown),
            $isKnown ? $thrown->getMessage() : self::withPlace($thrown->getMessage(), $thrown->getFile(), $thrown->getLine())
        );
        if ($thrown instanceof RetryAfter) {
            $outcome->message['Seconds'] = $thrown->getSeconds();
        }
        $outcome->thrown = $thrown;
        return $outcome;
    }

    /** Makes the outcome of a run during which PHP ends. */
    public static function ofEndOfProcess(): self
    {
        $error = error_get_last();
        if ($error === null || ($error['type'] & self::FATAL) === 0) {
            return self::ofError('error', 'exit', 'The handler ended the process: it called exit or die.');
        }
        $message = self::withPlace((string)strtok($error['message'], "\n"), $error['file'], $error['line']);
        return self::ofError('error', 'fatal_error', $message);
    }

    /** Makes the outcome of a run whose process has ended without a report. */
    public static function ofCrash(string $code, string $message, bool $isFinal): self
    {
        return self::ofError($isFinal ? 'give_up' : 'error', $code, $message);
    }

    public function isResult(): bool
    {
        return $this->message['type'] === 'result';
    }

    /** Returns whether no further try can mend it. */
    public function isFinal(): bool
    {
        return $this->message['type'] === 'give_up';
    }

    /** Returns what was thrown, or an error with the code and the message of this outcome. */
    public function error(): \Throwable
    {
        return $this->thrown ?? new TaskError($this->message['ErrorCode'] ?? 'error', $this->message['ErrorMessage'] ?? '');
    }

    /** Returns false for a result and for a snooze. */
    public function isError(): bool
    {
        return isset($this->message['ErrorCode']);
    }

    private static function ofError(string $type, string $code, string $message): self
    {
        // The name of an anonymous class continues after a NUL.
        $code = strstr($code, "\0", true) ?: $code;
        return new self([
            'type' => $type,
            'ErrorCode' => Text::cut($code, self::CODE_BYTES),
            'ErrorMessage' => Text::cut($message, self::MESSAGE_BYTES),
        ]);
    }

    /** The place is included even if the message is cut. */
    private static function withPlace(string $message, string $file, int $line): string
    {
        $place = " in $file:$line";
        return Text::cut($message, self::MESSAGE_BYTES - strlen($place)) . $place;
    }
}
