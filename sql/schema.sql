-- The current schema, as documentation. Only a test executes this file, and proves that it equals the
-- numbered migrations. %PREFIX% is the site's table prefix, %SETTINGS% the CMS's settings table.
--
-- The CMS requires one signed numeric primary key `Id`, dates as INT unix seconds, TEXT columns NULL without
-- default, a DEFAULT for every other column, and an index on every date, status and foreign-key column. There
-- is no FOREIGN KEY and no generated column, since the CMS's editor deletes rows and inserts them again.

-- Tasks, which are pieces of requested work.
CREATE TABLE %PREFIX%TaskQueue (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  -- This names the handler and is compared byte for byte.
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  TaskData LONGTEXT NULL,                       -- a JSON object
  ScheduledOn INT(11) NULL DEFAULT NULL,        -- earliest start; NULL: at once
  QueuedOn INT(11) NULL DEFAULT NULL,
  QueuedById INT(11) NOT NULL DEFAULT 0,        -- the CMS's user; -1 is root
  LastStatus VARCHAR(20) NOT NULL DEFAULT 'scheduled',  -- scheduled, running, success, error, timeout, cancelled
  MaxRetries INT(11) NOT NULL DEFAULT 5,        -- failed runs after which the task is not retried
  TaskRunsFailed INT(11) NOT NULL DEFAULT 0,    -- failures since the last success or manual retry
  Queue VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT 'default',
  Priority SMALLINT(6) NOT NULL DEFAULT 5,      -- 0 first … 9 last
  -- The task may be claimed from this second on. NULL: it may not be claimed. 0: no runner has seen the row
  -- yet.
  NextRunOn INT(11) NULL DEFAULT 0,
  UniqueKey VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  -- The unique key while the task is live, otherwise NULL. So there is at most one live task per key.
  ActiveKey VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  UniqueUntil INT(11) NULL DEFAULT NULL,        -- a successful task keeps the ActiveKey until then
  Superseded TINYINT(1) NOT NULL DEFAULT 0,     -- a newer task took its unique key, so it is not retried
  -- Tasks with the same key share the handler's limit per key.
  ConcurrencyKey VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  Title VARCHAR(255) NOT NULL DEFAULT '',
  -- Says why a waiting task may not be claimed. It may contain a ConcurrencyKey.
  ParkedReason VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  ForgivenAttempt INT(11) NOT NULL DEFAULT 0,   -- a manual retry sets it; failures up to it do not count
  NotifyOn VARCHAR(20) NOT NULL DEFAULT 'never',  -- ends that send a notification: success, failure, both, never
  -- This is an e-mail address or the URL of a webhook. NULL means the address of QueuedById.
  NotifyTo VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  NotifyLanguage VARCHAR(20) NOT NULL DEFAULT '',  -- language of the e-mail; '': the configured one
  NotificationTaskId INT(11) NULL DEFAULT NULL,  -- the notification of the end; no index, as no query needs it
  PRIMARY KEY (Id),
  UNIQUE KEY ActiveKey (ActiveKey),
  KEY ScheduledOn (ScheduledOn),
  KEY QueuedOn (QueuedOn),
  KEY QueuedById (QueuedById),
  KEY LastStatus (LastStatus),
  KEY Claim (Queue, Priority, NextRunOn, Id),   -- the order in which runners claim
  KEY NextRunOn (NextRunOn),
  KEY TaskHandlerClass (TaskHandlerClass, ParkedReason)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Runs, each one attempt at a task.
CREATE TABLE %PREFIX%TaskRuns (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskQueueId INT(11) NOT NULL DEFAULT 0,
  StartedOn INT(11) NULL DEFAULT NULL,
  PercentsCompleted INT(11) NOT NULL DEFAULT 0,
  FinishedOn INT(11) NULL DEFAULT NULL,
  Results LONGTEXT NULL,                        -- JSON of any form
  Status VARCHAR(20) NOT NULL DEFAULT 'scheduled',
  StandardOutput LONGTEXT NULL,                 -- beginning, line about dropped bytes, end; set when the run ends
  ErrorOutput LONGTEXT NULL,
  ErrorCode VARCHAR(255) NOT NULL DEFAULT '',
  ErrorMessage TEXT NULL,
  TaskRunnerId INT(11) NULL DEFAULT NULL,
  OpenTaskQueueId INT(11) NULL DEFAULT NULL,    -- TaskQueueId while the run is open, so one per task (rule 1)
  -- Each claim sets a new random token. It guards every write of the run.
  RunToken VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Attempt INT(11) NOT NULL DEFAULT 0,           -- 1, 2, … within the task
  ProgressNote VARCHAR(255) NOT NULL DEFAULT '',
  CancelRequestedOn INT(11) NULL DEFAULT NULL,  -- time of a request to stop the run
  -- -1, here and in the three below: not observed. They are not NULL, so the row does not grow when the run ends.
  RunMs BIGINT(20) NOT NULL DEFAULT -1,
  ExitStatus INT(11) NULL DEFAULT NULL,         -- exit status of the worker process; NULL: not observed
  ExitSignal INT(11) NULL DEFAULT NULL,
  UserCpuMs BIGINT(20) NOT NULL DEFAULT -1,
  SystemCpuMs BIGINT(20) NOT NULL DEFAULT -1,
  MaxRssKb BIGINT(20) NOT NULL DEFAULT -1,
  StandardOutputBytes BIGINT(20) NOT NULL DEFAULT 0,  -- bytes that were written
  StandardOutputDropped BIGINT(20) NOT NULL DEFAULT 0,  -- bytes that StandardOutput leaves out
  ErrorOutputBytes BIGINT(20) NOT NULL DEFAULT 0,
  ErrorOutputDropped BIGINT(20) NOT NULL DEFAULT 0,
  ErrorGroupId INT(11) NULL DEFAULT NULL,       -- group of a failed run, set some time later; no index, as no query needs it
  PRIMARY KEY (Id),
  UNIQUE KEY OpenTaskQueueId (OpenTaskQueueId),
  KEY StartedOn (StartedOn),
  KEY FinishedOn (FinishedOn),
  KEY TaskQueueId (TaskQueueId, Attempt),
  KEY TaskRunnerId (TaskRunnerId, OpenTaskQueueId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Runners, each one task-runner process.
CREATE TABLE %PREFIX%TaskRunners (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  ProcessId INT(11) NOT NULL DEFAULT 0,
  StartedOn INT(11) NULL DEFAULT NULL,
  FinishedOn INT(11) NULL DEFAULT NULL,
  Status VARCHAR(20) NOT NULL DEFAULT 'running',  -- running, success, timeout
  -- With ProcessId, these columns identify the process, even if its number is reused (rule 5).
  HostName VARCHAR(255) NOT NULL DEFAULT '',
  BootId VARCHAR(36) NOT NULL DEFAULT '',
  PidNamespace BIGINT(20) NOT NULL DEFAULT 0,
  ProcessStartTicks BIGINT(20) NOT NULL DEFAULT 0,
  LastHeartbeatOn INT(11) NULL DEFAULT NULL,
  HeartbeatCounter BIGINT(20) NOT NULL DEFAULT 0,
  Version VARCHAR(64) NOT NULL DEFAULT '',
  Queues VARCHAR(255) NOT NULL DEFAULT '',      -- comma-separated, in the order in which the runner serves them
  Slots INT(11) NOT NULL DEFAULT 1,             -- most runs at the same time
  MemoryKb BIGINT(20) NOT NULL DEFAULT 0,
  DrainRequestedOn INT(11) NULL DEFAULT NULL,   -- asks the runner to finish its runs and end
  StopRequestedOn INT(11) NULL DEFAULT NULL,    -- asks the runner to end as on SIGTERM
  Problems LONGTEXT NULL,                       -- JSON array of faults of the working runner
  UnwrittenRuns INT(11) NOT NULL DEFAULT 0,     -- ended runs whose ends are not written yet
  UnwrittenSeconds INT(11) NOT NULL DEFAULT 0,  -- wait of the oldest of these ends at the last heartbeat
  PRIMARY KEY (Id),
  KEY StartedOn (StartedOn),
  KEY FinishedOn (FinishedOn),
  KEY Status (Status),
  KEY LastHeartbeatOn (LastHeartbeatOn),
  KEY DrainRequestedOn (DrainRequestedOn),
  KEY StopRequestedOn (StopRequestedOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Handlers that each runner has announced. Rows of ended runners stay until a runner announces the class
-- again. The newest row is the latest declaration of a class.
CREATE TABLE %PREFIX%TaskHandlers (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskRunnerId INT(11) NOT NULL DEFAULT 0,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Kind VARCHAR(20) NOT NULL DEFAULT '',         -- cpp, command
  DataSchema LONGTEXT NULL,                     -- JSON Schema of TaskData; empty: anything
  TimeLimitSeconds INT(11) NOT NULL DEFAULT 0,  -- limit for one run; 0: the runner's default
  MaxRetries INT(11) NOT NULL DEFAULT 0,        -- used if the task gives none; 0: the queue's default
  RetryDelaySeconds INT(11) NULL DEFAULT NULL,  -- NULL, here and below: the queue's default
  RetryDelayLimitSeconds INT(11) NULL DEFAULT NULL,
  OnCrash VARCHAR(20) NOT NULL DEFAULT 'retry', -- retry, fail
  Queue VARCHAR(64) NOT NULL DEFAULT '',        -- used if the task gives none; empty: the queue's default
  Priority INT(11) NULL DEFAULT NULL,
  WithdrawnOn INT(11) NULL DEFAULT NULL,        -- time since which its running runner does not offer it
  -- Seconds after the first, second, … failure, as '10,60,300'. If given, the two delays above do not count.
  RetryDelays VARCHAR(255) NOT NULL DEFAULT '',
  UniqueSeconds INT(11) NOT NULL DEFAULT 0,     -- window of tasks with a UniqueKey and no UniqueMode; 0: none
  PRIMARY KEY (Id),
  UNIQUE KEY RunnerHandler (TaskRunnerId, TaskHandlerClass),
  KEY TaskHandlerClass (TaskHandlerClass),
  KEY WithdrawnOn (WithdrawnOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Output of open runs, in chunks. It moves to TaskRuns when the run ends.
CREATE TABLE %PREFIX%TaskRunOutput (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskRunId INT(11) NOT NULL DEFAULT 0,
  Stream VARCHAR(6) NOT NULL DEFAULT '',        -- stdout, stderr
  Position BIGINT(20) NOT NULL DEFAULT 0,       -- byte offset in the cleaned stream
  Bytes INT(11) NOT NULL DEFAULT 0,
  Content MEDIUMTEXT NULL,
  PRIMARY KEY (Id),
  KEY TaskRunId (TaskRunId, Stream, Position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Progress of resumable tasks, written in the same transaction as the work that it counts.
CREATE TABLE %PREFIX%TaskCheckpoints (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskQueueId INT(11) NOT NULL DEFAULT 0,
  RunToken VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Checkpoint LONGTEXT NULL,
  UpdatedOn INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY TaskQueueId (TaskQueueId),
  KEY UpdatedOn (UpdatedOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Idempotency keys of enqueue requests, and the tasks that these made.
CREATE TABLE %PREFIX%TaskQueueRequests (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  IdempotencyKey VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  RequestHash VARCHAR(64) NOT NULL DEFAULT '',
  TaskQueueIds LONGTEXT NULL,                   -- a JSON array
  CreatedOn INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY IdempotencyKey (IdempotencyKey),
  KEY CreatedOn (CreatedOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The current pauses. Resuming deletes the row.
CREATE TABLE %PREFIX%TaskQueuePauses (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Kind VARCHAR(20) NOT NULL DEFAULT '',         -- all, queue, handler
  Name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  PausedOn INT(11) NULL DEFAULT NULL,
  PausedById INT(11) NOT NULL DEFAULT 0,        -- the CMS's user; -1 is root
  Reason VARCHAR(255) NOT NULL DEFAULT '',
  PausedUntil INT(11) NULL DEFAULT NULL,        -- NULL: until a person resumes it
  PRIMARY KEY (Id),
  UNIQUE KEY KindName (Kind, Name),
  KEY PausedOn (PausedOn),
  KEY PausedById (PausedById),
  KEY PausedUntil (PausedUntil)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The most tasks of a handler that run at once, over all runners. Without a row there is no limit.
CREATE TABLE %PREFIX%TaskQueueLimits (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  MaxRunning INT(11) NOT NULL DEFAULT 1,        -- 0: no limit
  MaxRunningPerKey INT(11) NOT NULL DEFAULT 0,  -- limit for each ConcurrencyKey; 0: none
  DeclaredByHandler TINYINT(1) NOT NULL DEFAULT 0,  -- 0: an administrator set it, which has priority
  ChangedOn INT(11) NULL DEFAULT NULL,
  ChangedById INT(11) NOT NULL DEFAULT 0,       -- the CMS's user; -1 is root
  PRIMARY KEY (Id),
  UNIQUE KEY TaskHandlerClass (TaskHandlerClass),
  KEY ChangedOn (ChangedOn),
  KEY ChangedById (ChangedById)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Schedules, which make tasks at recurring times.
CREATE TABLE %PREFIX%TaskSchedules (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  TaskData LONGTEXT NULL,                       -- TaskData of each task that it makes; NULL: {}
  CronExpression VARCHAR(255) NOT NULL DEFAULT '',
  TimeZone VARCHAR(64) NOT NULL DEFAULT 'UTC',  -- IANA name of the zone in which CronExpression is read
  Missed VARCHAR(20) NOT NULL DEFAULT 'once',   -- skip, once, all: missed instants that are made up
  MissedLimit INT(11) NOT NULL DEFAULT 10,      -- for all: most instants that are made up, the newest
  Overlap VARCHAR(20) NOT NULL DEFAULT 'skip',  -- skip, queue, replace: if an earlier firing's task is live
  Enabled TINYINT(1) NOT NULL DEFAULT 1,
  -- These set the columns of each task. NULL means the handler's setting.
  Queue VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  Priority SMALLINT(6) NULL DEFAULT NULL,
  MaxRetries INT(11) NULL DEFAULT NULL,
  -- These set the columns of each task. NULL in NotifyTo means the address of CreatedById.
  NotifyOn VARCHAR(20) NOT NULL DEFAULT 'never',
  NotifyTo VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  NotifyLanguage VARCHAR(20) NOT NULL DEFAULT '',
  LastFiredOn INT(11) NULL DEFAULT NULL,
  NextFireOn INT(11) NULL DEFAULT 0,            -- NULL: never; 0: no overseer pass has seen the row yet
  LastTaskQueueId INT(11) NULL DEFAULT NULL,
  Problem VARCHAR(255) NOT NULL DEFAULT '',     -- why it never fires
  CreatedOn INT(11) NULL DEFAULT NULL,
  CreatedById INT(11) NOT NULL DEFAULT 0,       -- the CMS's user; -1 is root
  PRIMARY KEY (Id),
  UNIQUE KEY Name (Name),
  KEY LastFiredOn (LastFiredOn),
  KEY NextFireOn (NextFireOn),
  KEY LastTaskQueueId (LastTaskQueueId),
  KEY CreatedOn (CreatedOn),
  KEY CreatedById (CreatedById)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Outcomes of a schedule's instants. Each instant has one row, however many passes see it.
CREATE TABLE %PREFIX%TaskScheduleFirings (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskScheduleId INT(11) NOT NULL DEFAULT 0,
  FireOn INT(11) NULL DEFAULT NULL,             -- the instant, or the first of several missed; NULL: by hand
  FiredOn INT(11) NULL DEFAULT NULL,            -- when the instant was handled
  Outcome VARCHAR(20) NOT NULL DEFAULT '',      -- fired, skipped, missed
  MissedCount INT(11) NOT NULL DEFAULT 0,       -- number of missed instants in a row
  TaskQueueId INT(11) NULL DEFAULT NULL,        -- the created task; if skipped, the live task that prevented it
  PRIMARY KEY (Id),
  UNIQUE KEY ScheduleFireOn (TaskScheduleId, FireOn),
  KEY FireOn (FireOn),
  KEY FiredOn (FiredOn),
  KEY TaskQueueId (TaskQueueId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Files that runs offer for download, in parts. retention.file_days limits their age.
CREATE TABLE %PREFIX%TaskRunFiles (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskRunId INT(11) NULL DEFAULT NULL,
  Name VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  ContentType VARCHAR(100) NOT NULL DEFAULT '',
  Part INT(11) NOT NULL DEFAULT 0,              -- 0, 1, …; the parts in this order are the content
  Bytes INT(11) NOT NULL DEFAULT 0,             -- size of Content
  Content LONGBLOB NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY TaskRunId (TaskRunId, Name, Part)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Audit records of changes, written in the same transaction as the change.
CREATE TABLE %PREFIX%TaskQueueAudit (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  ChangedOn INT(11) NULL DEFAULT NULL,
  ChangedBy VARCHAR(190) NOT NULL DEFAULT '',   -- a user of the pages, or the program
  Source VARCHAR(20) NOT NULL DEFAULT '',       -- pages, api, cli, bulk, php
  Action VARCHAR(40) NOT NULL DEFAULT '',       -- enqueue, cancel, retry, pause, resume, limit, drain, stop
  TaskQueueId INT(11) NULL DEFAULT NULL,        -- the changed task, if it was a task
  Subject VARCHAR(255) NOT NULL DEFAULT '',     -- otherwise the name of the queue, handler or runner
  Detail VARCHAR(255) NOT NULL DEFAULT '',
  PRIMARY KEY (Id),
  KEY ChangedOn (ChangedOn),
  KEY TaskQueueId (TaskQueueId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Statistics of the runs that ended in each minute, by handler and queue. A row without a handler marks a
-- complete minute.
CREATE TABLE %PREFIX%TaskQueueMinutes (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  MinuteOn INT(11) NULL DEFAULT NULL,           -- first second of the minute
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Queue VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Succeeded INT(11) NOT NULL DEFAULT 0,         -- runs
  Failed INT(11) NOT NULL DEFAULT 0,
  Cancelled INT(11) NOT NULL DEFAULT 0,
  RunMsTotal BIGINT(20) NOT NULL DEFAULT 0,
  FirstRuns INT(11) NOT NULL DEFAULT 0,         -- first attempts, whose wait for the start is known
  WaitSecondsTotal BIGINT(20) NOT NULL DEFAULT 0,
  RunMsHistogram TEXT NULL,                     -- "bucket:runs …"; bucket = floor(4 log2(1 + RunMs))
  FailedForGood INT(11) NOT NULL DEFAULT 0,     -- failed runs after which the task is not retried
  Unwritable INT(11) NOT NULL DEFAULT 0,        -- runs whose reports the database rejected
  PRIMARY KEY (Id),
  UNIQUE KEY MinuteOn (MinuteOn, TaskHandlerClass, Queue),
  KEY HandlerMinute (TaskHandlerClass, MinuteOn, Succeeded, Failed)  -- for a handler's usual failure rate
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The same sums for each hour, by handler. A row without a handler marks a complete hour.
CREATE TABLE %PREFIX%TaskQueueHours (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  HourOn INT(11) NULL DEFAULT NULL,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Succeeded INT(11) NOT NULL DEFAULT 0,
  Failed INT(11) NOT NULL DEFAULT 0,
  Cancelled INT(11) NOT NULL DEFAULT 0,
  RunMsTotal BIGINT(20) NOT NULL DEFAULT 0,
  FirstRuns INT(11) NOT NULL DEFAULT 0,
  WaitSecondsTotal BIGINT(20) NOT NULL DEFAULT 0,
  RunMsHistogram TEXT NULL,                     -- as in TaskQueueMinutes
  PRIMARY KEY (Id),
  UNIQUE KEY HourOn (HourOn, TaskHandlerClass),
  KEY HandlerHour (TaskHandlerClass, HourOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Groups of failed runs: the same handler, error code and pattern of the message.
CREATE TABLE %PREFIX%TaskErrorGroups (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  -- It stands for ErrorCode and Pattern. '': errors of the handler beyond the limit of groups.
  Fingerprint VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  ErrorCode VARCHAR(255) NOT NULL DEFAULT '',
  Pattern VARCHAR(300) NOT NULL DEFAULT '',     -- the message without its numbers, Ids and quoted texts
  State VARCHAR(20) NOT NULL DEFAULT 'new',     -- new, known, muted, resolved
  FirstSeenOn INT(11) NULL DEFAULT NULL,
  LastSeenOn INT(11) NULL DEFAULT NULL,
  NewOn INT(11) NULL DEFAULT NULL,              -- first seen, or seen again after it was resolved
  ChangedOn INT(11) NULL DEFAULT NULL,          -- when a person set State
  LastTaskRunId INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY HandlerFingerprint (TaskHandlerClass, Fingerprint),
  KEY FirstSeenOn (FirstSeenOn),
  KEY LastSeenOn (LastSeenOn),
  KEY NewOn (NewOn),
  KEY ChangedOn (ChangedOn),
  KEY LastTaskRunId (LastTaskRunId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Failed runs of each group in each hour.
CREATE TABLE %PREFIX%TaskErrorHours (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  HourOn INT(11) NULL DEFAULT NULL,
  TaskErrorGroupId INT(11) NOT NULL DEFAULT 0,
  Failed INT(11) NOT NULL DEFAULT 0,            -- runs
  FailedForGood INT(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  UNIQUE KEY GroupHour (TaskErrorGroupId, HourOn),
  KEY HourOn (HourOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Times of the last passes, and positions of the pruning.
CREATE TABLE %PREFIX%TaskQueueMarks (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  -- `overseer`, `fallback` (fallback pass of a runner), or `retention` and `retention_id` (QueuedOn and Id of the last
  -- task that the pruning has seen)
  Name VARCHAR(64) NOT NULL DEFAULT '',
  MarkedOn INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY Name (Name),
  KEY MarkedOn (MarkedOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Rate limits over all runners. Each row holds the last reserved time of one rate.
CREATE TABLE %PREFIX%TaskRates (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(64) NOT NULL DEFAULT '',         -- SendMail
  NextOnMs BIGINT(20) NOT NULL DEFAULT 0,       -- Unix milliseconds
  PRIMARY KEY (Id),
  UNIQUE KEY Name (Name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Counters that only grow.
CREATE TABLE %PREFIX%TaskQueueCounters (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(64) NOT NULL DEFAULT '',         -- refused_writes, lost_runs, unknown_runs, rescued_runs
  Value BIGINT(20) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  UNIQUE KEY Name (Name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The CMS's settings table, created only if the CMS has none. TaskQueue uses the variable TaskRunnerLimit.
CREATE TABLE %SETTINGS% (
  VariableId INT(11) NOT NULL AUTO_INCREMENT,
  VariableName VARCHAR(255) NOT NULL DEFAULT '',
  VariableValue TEXT NULL,
  PRIMARY KEY (VariableId),
  KEY VariableName (VariableName)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Applied migrations. The migrator creates this table itself.
CREATE TABLE %PREFIX%TaskQueueSchema (
  Id INT(11) NOT NULL,                          -- the version
  Name VARCHAR(255) NOT NULL DEFAULT '',
  AppliedOn INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  KEY AppliedOn (AppliedOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
