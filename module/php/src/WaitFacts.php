<?php

namespace TaskQueue;

/** Facts about a waiting task and its environment, as module/store/tasks/wait_facts.cpp reads them. */
final class WaitFacts
{
    /** @var int the database's clock */
    public $now;
    /** @var bool */
    public $areAllPaused;
    /** @var bool */
    public $isQueuePaused;
    /** @var bool */
    public $isHandlerPaused;
    /** @var int the handler's limits; 0: none */
    public $maxRunning;
    /** @var int */
    public $maxRunningPerKey;
    /** @var int living runners */
    public $runners;
    /** @var int those that serve the task's queue */
    public $runnersOfQueue;
    /** @var int those of them that offer its handler */
    public $runnersAble;
    /** @var int slots of those, and how many are taken */
    public $slots;
    /** @var int */
    public $slotsTaken;
    /** @var int living runners that offer the handler, in any queue */
    public $runnersKnowing;
    /** @var bool a runner offers it now or did earlier */
    public $wasOffered;
    /** @var int|null the time since which no living runner offers it */
    public $offeredUntil;

    /** @param array<string, mixed> $task */
    public static function read(SqlConnection $connection, string $prefix, array $task): self
    {
        $offers = "{$prefix}TaskRunners n JOIN {$prefix}TaskHandlers h ON h.TaskRunnerId = n.Id AND h.WithdrawnOn IS NULL AND "
            . "h.TaskHandlerClass = t.TaskHandlerClass";
        $alive = "n.Status = 'running'";
        $paused = "SELECT 1 FROM {$prefix}TaskQueuePauses p WHERE (p.PausedUntil IS NULL OR p.PausedUntil > UNIX_TIMESTAMP()) AND";
        $ofQueue = "$alive AND FIND_IN_SET(t.Queue, n.Queues COLLATE utf8mb4_nopad_bin) > 0";
        $row = $connection->rows(SqlStatements::ANY_SIZE . 'SELECT UNIX_TIMESTAMP(), '
            . "EXISTS ($paused p.Kind = 'all' AND p.Name = ''), EXISTS ($paused p.Kind = 'queue' AND p.Name = t.Queue), "
            . "EXISTS ($paused p.Kind = 'handler' AND p.Name = t.TaskHandlerClass), "
            . "COALESCE((SELECT l.MaxRunning FROM {$prefix}TaskQueueLimits l WHERE l.TaskHandlerClass = t.TaskHandlerClass), 0), "
            . "COALESCE((SELECT l.MaxRunningPerKey FROM {$prefix}TaskQueueLimits l WHERE l.TaskHandlerClass = "
            . "t.TaskHandlerClass), 0), "
            . "(SELECT COUNT(*) FROM {$prefix}TaskRunners n WHERE $alive), (SELECT COUNT(*) FROM {$prefix}TaskRunners n WHERE $ofQueue), "
            . "(SELECT COUNT(*) FROM $offers WHERE $ofQueue), (SELECT COALESCE(SUM(n.Slots), 0) FROM $offers WHERE $ofQueue), "
            . "(SELECT COUNT(*) FROM $offers JOIN {$prefix}TaskRuns r ON r.TaskRunnerId = n.Id AND r.OpenTaskQueueId IS NOT "
            . "NULL WHERE $ofQueue), "
            . "(SELECT COUNT(*) FROM $offers WHERE $alive), "
            . "EXISTS (SELECT 1 FROM {$prefix}TaskHandlers h WHERE h.TaskHandlerClass = t.TaskHandlerClass), "
            . "(SELECT MAX(COALESCE(h.WithdrawnOn, IF(n.Status = 'timeout', n.LastHeartbeatOn, n.FinishedOn))) FROM {$prefix}TaskHandlers h JOIN "
            . "{$prefix}TaskRunners n ON n.Id = h.TaskRunnerId WHERE h.TaskHandlerClass = t.TaskHandlerClass) "
            . "FROM {$prefix}TaskQueue t WHERE t.Id = ? LIMIT 1", [$task['Id']])[0] ?? null;
        $facts = new self();
        $numbers = array_map('intval', $row ?? array_fill(0, 14, 0));
        [$facts->now, $areAllPaused, $isQueuePaused, $isHandlerPaused, $facts->maxRunning, $facts->maxRunningPerKey, $facts->runners,
            $facts->runnersOfQueue,
            $facts->runnersAble, $facts->slots, $facts->slotsTaken, $facts->runnersKnowing, $wasOffered] = $numbers;
        $facts->areAllPaused = $areAllPaused === 1;
        $facts->isQueuePaused = $isQueuePaused === 1;
        $facts->isHandlerPaused = $isHandlerPaused === 1;
        $facts->wasOffered = $wasOffered === 1;
        $facts->offeredUntil = ($row[12] ?? '') === '' ? null : (int)$row[12];
        return $facts;
    }
}
