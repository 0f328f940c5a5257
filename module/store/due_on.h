// Since when a task `t` is due: what dueOn() and firstDueOn() of module/queue/due_task.h say, in SQL.
#pragma once

// clang-format off
// When its first run is due, or was.
#define TASKQUEUE_FIRST_DUE_ON                                                                             \
  "IF(t.ScheduledOn > 0, t.ScheduledOn, LEAST(IF(t.QueuedOn > 0, t.QueuedOn, UNIX_TIMESTAMP()), "          \
  "UNIX_TIMESTAMP()))"
// Of a task whose NextRunOn is a number.
#define TASKQUEUE_DUE_ON "IF(t.NextRunOn > 0, t.NextRunOn, " TASKQUEUE_FIRST_DUE_ON ")"
// The first comparison is the one that an index can serve.
#define TASKQUEUE_IS_DUE                                                                                   \
  "(t.NextRunOn <= UNIX_TIMESTAMP() AND " TASKQUEUE_DUE_ON " <= UNIX_TIMESTAMP())"
#define TASKQUEUE_MAY_RUN_AGAIN                                                                            \
  "(t.LastStatus NOT IN ('success', 'cancelled') AND t.Superseded = 0 AND t.TaskRunsFailed < t.MaxRetries)"
// clang-format on
