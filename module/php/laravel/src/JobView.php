<?php

namespace TaskQueue\Laravel;

use Illuminate\Contracts\Database\ModelIdentifier;
use Illuminate\Contracts\Queue\ShouldBeEncrypted;

/** The data of a job as people see them. Nothing is read back from them: the job itself is in the payload. */
final class JobView
{
    public const MEMBER = 'taskqueue_data';

    private const FLAGS = JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRESERVE_ZERO_FRACTION;
    private const DEPTH = 5;
    private const MEMBERS = 100;
    private const CHARACTERS = 1000;
    /** Properties that Laravel's traits and conventions give a job. */
    private const OF_LARAVEL = ['job', 'connection', 'queue', 'delay', 'afterCommit', 'middleware', 'chained', 'chainConnection',
        'chainQueue', 'chainCatchCallbacks', 'batchId', 'tries', 'maxExceptions', 'backoff', 'timeout', 'failOnTimeout',
        'retryUntil', 'uniqueFor', 'deleteWhenMissingModels', 'shouldBeEncrypted'];

    /**
     * Returns the payload with what can be shown of the job, unless the job is to be encrypted.
     *
     * @param mixed $job
     */
    public static function addTo(string $payload, $job): string
    {
        $isEncrypted = $job instanceof ShouldBeEncrypted || (is_object($job) && !empty($job->shouldBeEncrypted));
        if (!is_object($job) || $job instanceof \Closure || $isEncrypted) {
            return $payload;
        }
        $members = json_decode($payload, true);
        // The trait SerializesModels replaces models by their Ids here.
        $properties = method_exists($job, '__serialize') ? $job->__serialize() : (array)$job;
        $shown = [];
        foreach ($properties as $name => $value) {
            $parts = explode("\0", (string)$name);
            $name = end($parts);
            if (!in_array($name, self::OF_LARAVEL, true)) {
                $shown[$name] = self::shown($value, self::DEPTH);
            }
        }
        $json = json_encode($members + [self::MEMBER => $shown], self::FLAGS);
        return $json === false ? $payload : $json;
    }

    /**
     * @param mixed $value
     * @return mixed
     */
    private static function shown($value, int $depth)
    {
        if (is_array($value)) {
            $shown = $depth === 0 ? '…' : [];
            foreach ($depth === 0 ? [] : array_slice($value, 0, self::MEMBERS, true) as $name => $member) {
                $shown[$name] = self::shown($member, $depth - 1);
            }
            return $shown;
        }
        if (is_string($value)) {
            return mb_strlen($value) > self::CHARACTERS ? mb_substr($value, 0, self::CHARACTERS) . '…' : $value;
        }
        if ($value instanceof ModelIdentifier) {
            return ['Model' => $value->class, 'Id' => $value->id];
        }
        if ($value instanceof \DateTimeInterface) {
            return $value->format('c');
        }
        if (is_object($value)) {
            return is_a($value, 'BackedEnum') ? $value->value : get_class($value);
        }
        return is_float($value) && !is_finite($value) ? (string)$value : $value;
    }
}
