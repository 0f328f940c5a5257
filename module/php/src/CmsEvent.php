<?php

namespace TaskQueue;

/**
 * Runs an event of the CMS, such as `user:OnDeleteExpiredSessions`. Each scheduled task of the CMS thus becomes a task
 * with its own output, error and history. The bootstrap file loads the CMS and provides the function that dispatches an
 * event:
 *
 *     return CmsEvent::dispatchBy(static function (string $event, array $params): int {
 *         $kEvent = new kEvent($event, $params);
 *         kApplication::Instance()->HandleEvent($kEvent);
 *         return $kEvent->status;
 *     });
 */
final class CmsEvent implements IDeclaredTaskHandler
{
    /** Defaults for CMS constants that do not exist. */
    private const STATUSES = ['erSUCCESS' => 0, 'erFAIL' => -1, 'erFATAL' => -2, 'erPERM_FAIL' => -3, 'erSTOP' => -4];
    /** A retry would have the same result. */
    private const FINAL = ['erFATAL', 'erPERM_FAIL'];

    /** @var callable|null */
    private static $dispatch;

    /**
     * @param callable $dispatch takes the event's name and its parameters. It returns the status of the event, the
     *     event object with its `status`, or nothing for success; an exception is an error
     * @return array<string, class-string<ITaskHandler>> what the bootstrap file returns, or adds to its own handlers
     */
    public static function dispatchBy(callable $dispatch): array
    {
        self::$dispatch = $dispatch;
        return ['CmsEvent' => self::class];
    }

    public static function getTaskHandlerSettings(): array
    {
        return [
            'DataSchema' => [
                'type' => 'object',
                'properties' => [
                    'Event' => [
                        'type' => 'string',
                        'maxLength' => 255,
                        'pattern' => '^[A-Za-z0-9_.-]+:On[A-Za-z0-9_]+$',
                    ],
                    'Params' => ['type' => 'object'],
                ],
                'required' => ['Event'],
                'additionalProperties' => false,
            ],
            'MaxRetries' => 1,  // as in the CMS, the next firing of the schedule is the next try
        ];
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        if (self::$dispatch === null) {
            throw new GiveUp('no_dispatch', 'The bootstrap file does not say how events are dispatched: CmsEvent::dispatchBy().');
        }
        $data = $taskRun->getTaskData();
        $answer = (self::$dispatch)($data['Event'], $data['Params'] ?? []);
        $status = self::statusOf($answer);
        if ($status === 'erSUCCESS' || $status === 'erSTOP') {
            return ['Event' => $data['Event'], 'Status' => $status];
        }
        $number = json_encode(is_object($answer) && isset($answer->status) ? $answer->status : $answer);
        $text = "The event {$data['Event']} ended with the status $status ($number).";
        throw in_array($status, self::FINAL, true) ? new GiveUp($status, $text) : new TaskError($status, $text);
    }

    /** @param mixed $answer */
    private static function statusOf($answer): string
    {
        if (is_object($answer) && isset($answer->status)) {
            $answer = $answer->status;
        }
        if ($answer === null) {
            return 'erSUCCESS';
        }
        foreach (self::STATUSES as $name => $usual) {
            if ($answer === self::numberOf($name, $usual)) {
                return $name;
            }
        }
        return 'unknown_status';
    }

    private static function numberOf(string $name, int $usual)
    {
        foreach ([$name, "kEvent::$name"] as $constant) {
            if (defined($constant)) {
                return constant($constant);
            }
        }
        return $usual;
    }
}
