// Says in SQL since when a task `t` is due, as dueOn() and firstDueOn() of module/queue/due_task.h do.
#pragma once

// clang-format off
// The time at which the task's first run is or was due.
#define TASKQUEUE_FIRST_DUE_ON                                                                             \
  "IF(t.ScheduledOn > 0, t.ScheduledOn, LEAST(IF(t.QueuedOn > 0, t.QueuedOn, UNIX_TIMESTAMP()), "          \
  "UNIX_TIMESTAMP()))"
// The task's NextRunOn must be a number.
#define TASKQUEUE_DUE_ON "IF(t.NextRunOn > 0, t.NextRunOn, " TASKQUEUE_FIRST_DUE_ON ")"
// The first comparison is the one that an index can serve.
#define TASKQUEUE_IS_DUE                                                                                   \
  "(t.NextRunOn <= UNIX_TIMESTAMP() AND " TASKQUEUE_DUE_ON " <= UNIX_TIMESTAMP())"
#define TASKQUEUE_MAY_RUN_AGAIN                                                                            \
  "(t.LastStatus NOT IN ('success', 'cancelled') AND t.Superseded = 0 AND t.TaskRunsFailed < t.MaxRetries)"
// clang-format on
