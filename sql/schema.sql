-- What the migrations add up to: the schema of today, to be read. Nothing executes this file but a test, which proves
-- that it equals the numbered migrations. %PREFIX% is the site's table prefix, %SETTINGS% the CMS's settings table.
--
-- Rules of the CMS: one signed numeric primary key `Id`; dates are INT unix seconds; TEXT columns NULL without default;
-- every other column with a DEFAULT; an index on every date, status and foreign-key column; no FOREIGN KEY and no
-- generated column, since the CMS's editor deletes rows and inserts them again.

-- Work that somebody asked for.
CREATE TABLE %PREFIX%TaskQueue (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  -- Names the handler; compared byte for byte.
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  TaskData LONGTEXT NULL,                       -- a JSON object
  ScheduledOn INT(11) NULL DEFAULT NULL,        -- not before; NULL: at once
  QueuedOn INT(11) NULL DEFAULT NULL,
  QueuedById INT(11) NOT NULL DEFAULT 0,        -- the CMS's user; -1 is root
  LastStatus VARCHAR(20) NOT NULL DEFAULT 'scheduled',  -- scheduled, running, success, error, timeout, cancelled
  MaxRetries INT(11) NOT NULL DEFAULT 5,        -- failed runs after which nothing more is tried
  TaskRunsFailed INT(11) NOT NULL DEFAULT 0,    -- since the last success or manual retry
  Queue VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT 'default',
  Priority SMALLINT(6) NOT NULL DEFAULT 5,      -- 0 first … 9 last
  -- The second from which it may be claimed; NULL: it may not; 0: nobody has looked at the row yet.
  NextRunOn INT(11) NULL DEFAULT 0,
  UniqueKey VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  -- The unique key while the task is live, NULL afterwards: at most one live task per key.
  ActiveKey VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  UniqueUntil INT(11) NULL DEFAULT NULL,        -- a success keeps the ActiveKey until then
  Superseded TINYINT(1) NOT NULL DEFAULT 0,     -- a newer task took its unique key: it is not tried again
  -- What the handler's limit per key counts.
  ConcurrencyKey VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  Title VARCHAR(255) NOT NULL DEFAULT '',
  -- Why a task that waits may not be claimed; names a ConcurrencyKey.
  ParkedReason VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  ForgivenAttempt INT(11) NOT NULL DEFAULT 0,   -- failures up to this attempt do not count: a manual retry
  NotifyOn VARCHAR(20) NOT NULL DEFAULT 'never',  -- success, failure, both, never: of which end somebody is told
  -- An e-mail address or the URL of a webhook; NULL: the address of QueuedById.
  NotifyTo VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  NotifyLanguage VARCHAR(20) NOT NULL DEFAULT '',  -- of an e-mail; '': the configuration's
  NotificationTaskId INT(11) NULL DEFAULT NULL, -- the task that tells of this one's end; no index: nobody looks for it
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

-- One attempt at a task.
CREATE TABLE %PREFIX%TaskRuns (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskQueueId INT(11) NOT NULL DEFAULT 0,
  StartedOn INT(11) NULL DEFAULT NULL,
  PercentsCompleted INT(11) NOT NULL DEFAULT 0,
  FinishedOn INT(11) NULL DEFAULT NULL,
  Results LONGTEXT NULL,                        -- JSON of any form
  Status VARCHAR(20) NOT NULL DEFAULT 'scheduled',
  StandardOutput LONGTEXT NULL,                 -- of an ended run: head, dropped line, tail
  ErrorOutput LONGTEXT NULL,
  ErrorCode VARCHAR(255) NOT NULL DEFAULT '',
  ErrorMessage TEXT NULL,
  TaskRunnerId INT(11) NULL DEFAULT NULL,
  OpenTaskQueueId INT(11) NULL DEFAULT NULL,    -- TaskQueueId while the run is open: one open run per task (rule 1)
  -- Drawn at each claim; every write of the run is guarded by it.
  RunToken VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Attempt INT(11) NOT NULL DEFAULT 0,           -- 1, 2, … within the task
  ProgressNote VARCHAR(255) NOT NULL DEFAULT '',
  CancelRequestedOn INT(11) NULL DEFAULT NULL,  -- somebody wants it stopped
  RunMs BIGINT(20) NULL DEFAULT NULL,
  ExitStatus INT(11) NULL DEFAULT NULL,         -- of the worker process; NULL: not observed
  ExitSignal INT(11) NULL DEFAULT NULL,
  UserCpuMs BIGINT(20) NULL DEFAULT NULL,
  SystemCpuMs BIGINT(20) NULL DEFAULT NULL,
  MaxRssKb BIGINT(20) NULL DEFAULT NULL,
  StandardOutputBytes BIGINT(20) NOT NULL DEFAULT 0,    -- all that was written
  StandardOutputDropped BIGINT(20) NOT NULL DEFAULT 0,  -- what StandardOutput leaves out
  ErrorOutputBytes BIGINT(20) NOT NULL DEFAULT 0,
  ErrorOutputDropped BIGINT(20) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  UNIQUE KEY OpenTaskQueueId (OpenTaskQueueId),
  KEY StartedOn (StartedOn),
  KEY FinishedOn (FinishedOn),
  KEY TaskQueueId (TaskQueueId, Attempt),
  KEY TaskRunnerId (TaskRunnerId, OpenTaskQueueId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One task-runner process.
CREATE TABLE %PREFIX%TaskRunners (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  ProcessId INT(11) NOT NULL DEFAULT 0,
  StartedOn INT(11) NULL DEFAULT NULL,
  FinishedOn INT(11) NULL DEFAULT NULL,
  Status VARCHAR(20) NOT NULL DEFAULT 'running',  -- running, success, timeout
  -- With ProcessId these tell the process from a later one with the same number (rule 5).
  HostName VARCHAR(255) NOT NULL DEFAULT '',
  BootId VARCHAR(36) NOT NULL DEFAULT '',
  PidNamespace BIGINT(20) NOT NULL DEFAULT 0,
  ProcessStartTicks BIGINT(20) NOT NULL DEFAULT 0,
  LastHeartbeatOn INT(11) NULL DEFAULT NULL,
  HeartbeatCounter BIGINT(20) NOT NULL DEFAULT 0,
  Version VARCHAR(64) NOT NULL DEFAULT '',
  Queues VARCHAR(255) NOT NULL DEFAULT '',      -- comma-separated, in the order in which they are served
  Slots INT(11) NOT NULL DEFAULT 1,             -- runs at once
  MemoryKb BIGINT(20) NOT NULL DEFAULT 0,
  DrainRequestedOn INT(11) NULL DEFAULT NULL,   -- it shall finish what it has and end
  StopRequestedOn INT(11) NULL DEFAULT NULL,    -- it shall end as by TERM
  Problems LONGTEXT NULL,                       -- JSON array of what it could not do though it works
  UnwrittenRuns INT(11) NOT NULL DEFAULT 0,     -- runs that have ended and whose end is not written yet
  UnwrittenSeconds INT(11) NOT NULL DEFAULT 0,  -- how long the oldest of them had waited at the last heartbeat
  PRIMARY KEY (Id),
  KEY StartedOn (StartedOn),
  KEY FinishedOn (FinishedOn),
  KEY Status (Status),
  KEY LastHeartbeatOn (LastHeartbeatOn),
  KEY DrainRequestedOn (DrainRequestedOn),
  KEY StopRequestedOn (StopRequestedOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What each runner has announced that it can handle. The rows of runners that have ended stay until a runner
-- announces the class again: its newest row is what the class declared last.
CREATE TABLE %PREFIX%TaskHandlers (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskRunnerId INT(11) NOT NULL DEFAULT 0,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Kind VARCHAR(20) NOT NULL DEFAULT '',         -- cpp, command
  DataSchema LONGTEXT NULL,                     -- JSON Schema of TaskData; empty: anything
  TimeLimitSeconds INT(11) NOT NULL DEFAULT 0,  -- of one run; 0: the runner's default
  MaxRetries INT(11) NOT NULL DEFAULT 0,        -- of a task that does not say; 0: the queue's default
  RetryDelaySeconds INT(11) NULL DEFAULT NULL,  -- NULL, here and below: the queue's default
  RetryDelayLimitSeconds INT(11) NULL DEFAULT NULL,
  OnCrash VARCHAR(20) NOT NULL DEFAULT 'retry', -- retry, fail
  Queue VARCHAR(64) NOT NULL DEFAULT '',        -- of a task that does not say; empty: the queue's default
  Priority INT(11) NULL DEFAULT NULL,
  WithdrawnOn INT(11) NULL DEFAULT NULL,        -- since then its runner, which goes on, does not offer it
  PRIMARY KEY (Id),
  UNIQUE KEY RunnerHandler (TaskRunnerId, TaskHandlerClass),
  KEY TaskHandlerClass (TaskHandlerClass),
  KEY WithdrawnOn (WithdrawnOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Output of runs in flight, in chunks; moved to TaskRuns when the run ends.
CREATE TABLE %PREFIX%TaskRunOutput (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskRunId INT(11) NOT NULL DEFAULT 0,
  Stream VARCHAR(6) NOT NULL DEFAULT '',        -- stdout, stderr
  Position BIGINT(20) NOT NULL DEFAULT 0,       -- byte of the cleaned stream
  Bytes INT(11) NOT NULL DEFAULT 0,
  Content MEDIUMTEXT NULL,
  PRIMARY KEY (Id),
  KEY TaskRunId (TaskRunId, Stream, Position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How far a resumable task has come; written in the same transaction as the work it counts.
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

-- Idempotency keys of enqueue requests and the tasks that they made.
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

-- What is paused now, a row each; resuming deletes it.
CREATE TABLE %PREFIX%TaskQueuePauses (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Kind VARCHAR(20) NOT NULL DEFAULT '',         -- queue, handler
  Name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  PausedOn INT(11) NULL DEFAULT NULL,
  PausedById INT(11) NOT NULL DEFAULT 0,        -- the CMS's user; -1 is root
  PRIMARY KEY (Id),
  UNIQUE KEY KindName (Kind, Name),
  KEY PausedOn (PausedOn),
  KEY PausedById (PausedById)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How many tasks of a handler may run at once, over all runners; no row: any number.
CREATE TABLE %PREFIX%TaskQueueLimits (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  MaxRunning INT(11) NOT NULL DEFAULT 1,        -- 0: any number
  MaxRunningPerKey INT(11) NOT NULL DEFAULT 0,  -- of one ConcurrencyKey; 0: any number
  DeclaredByHandler TINYINT(1) NOT NULL DEFAULT 0,  -- 0: an administrator set it, which counts more
  ChangedOn INT(11) NULL DEFAULT NULL,
  ChangedById INT(11) NOT NULL DEFAULT 0,       -- the CMS's user; -1 is root
  PRIMARY KEY (Id),
  UNIQUE KEY TaskHandlerClass (TaskHandlerClass),
  KEY ChangedOn (ChangedOn),
  KEY ChangedById (ChangedById)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Work that comes again and again.
CREATE TABLE %PREFIX%TaskSchedules (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  TaskData LONGTEXT NULL,                       -- of each task that it makes; NULL: {}
  CronExpression VARCHAR(255) NOT NULL DEFAULT '',
  TimeZone VARCHAR(64) NOT NULL DEFAULT 'UTC',  -- by its IANA name: the clock that CronExpression speaks of
  Missed VARCHAR(20) NOT NULL DEFAULT 'once',   -- skip, once, all: what is made up of the times that nobody saw
  MissedLimit INT(11) NOT NULL DEFAULT 10,      -- of all: the newest so many
  Overlap VARCHAR(20) NOT NULL DEFAULT 'skip',  -- skip, queue, replace: while the task of an earlier firing is live
  Enabled TINYINT(1) NOT NULL DEFAULT 1,
  -- Of each task; NULL: as the handler says.
  Queue VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  Priority SMALLINT(6) NULL DEFAULT NULL,
  MaxRetries INT(11) NULL DEFAULT NULL,
  -- Of each task, as there; NULL in NotifyTo: the address of CreatedById.
  NotifyOn VARCHAR(20) NOT NULL DEFAULT 'never',
  NotifyTo VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  NotifyLanguage VARCHAR(20) NOT NULL DEFAULT '',
  LastFiredOn INT(11) NULL DEFAULT NULL,
  NextFireOn INT(11) NULL DEFAULT 0,            -- NULL: never; 0: nobody has looked at the row yet
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

-- What became of each instant of a schedule: one row an instant, whoever looks how often.
CREATE TABLE %PREFIX%TaskScheduleFirings (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskScheduleId INT(11) NOT NULL DEFAULT 0,
  FireOn INT(11) NULL DEFAULT NULL,             -- the instant; of missed ones the first; NULL: fired by hand
  FiredOn INT(11) NULL DEFAULT NULL,            -- when it was dealt with
  Outcome VARCHAR(20) NOT NULL DEFAULT '',      -- fired, skipped, missed
  MissedCount INT(11) NOT NULL DEFAULT 0,       -- how many in a row were missed
  TaskQueueId INT(11) NULL DEFAULT NULL,        -- the task that was made; of skipped the live one in its way
  PRIMARY KEY (Id),
  UNIQUE KEY ScheduleFireOn (TaskScheduleId, FireOn),
  KEY FireOn (FireOn),
  KEY FiredOn (FiredOn),
  KEY TaskQueueId (TaskQueueId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Files that runs leave for download, in parts. Go with history.file_days.
CREATE TABLE %PREFIX%TaskRunFiles (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskRunId INT(11) NULL DEFAULT NULL,
  Name VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  ContentType VARCHAR(100) NOT NULL DEFAULT '',
  Part INT(11) NOT NULL DEFAULT 0,              -- 0, 1, …: the content is all of them in this order
  Bytes INT(11) NOT NULL DEFAULT 0,             -- of Content
  Content LONGBLOB NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY TaskRunId (TaskRunId, Name, Part)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Who changed what: a row in the same transaction as the change.
CREATE TABLE %PREFIX%TaskQueueAudit (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  ChangedOn INT(11) NULL DEFAULT NULL,
  ChangedBy VARCHAR(190) NOT NULL DEFAULT '',   -- a user of the pages, or the program
  Source VARCHAR(20) NOT NULL DEFAULT '',       -- pages, api, cli, bulk
  Action VARCHAR(40) NOT NULL DEFAULT '',       -- enqueue, cancel, retry, pause, resume, limit, drain, stop
  TaskQueueId INT(11) NULL DEFAULT NULL,        -- what was changed: a task, or
  Subject VARCHAR(255) NOT NULL DEFAULT '',     -- a queue, handler or runner
  Detail VARCHAR(255) NOT NULL DEFAULT '',
  PRIMARY KEY (Id),
  KEY ChangedOn (ChangedOn),
  KEY TaskQueueId (TaskQueueId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What ended in each minute, by handler and queue. A minute has also a row without a handler: it is complete.
CREATE TABLE %PREFIX%TaskQueueMinutes (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  MinuteOn INT(11) NULL DEFAULT NULL,           -- its first second
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Queue VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Succeeded INT(11) NOT NULL DEFAULT 0,         -- runs
  Failed INT(11) NOT NULL DEFAULT 0,
  Cancelled INT(11) NOT NULL DEFAULT 0,
  RunMsTotal BIGINT(20) NOT NULL DEFAULT 0,
  FirstRuns INT(11) NOT NULL DEFAULT 0,         -- first attempts, whose wait is known
  WaitSecondsTotal BIGINT(20) NOT NULL DEFAULT 0,
  RunMsHistogram TEXT NULL,                     -- "bucket:runs …"; bucket = floor(4 log2(1 + RunMs))
  FailedForGood INT(11) NOT NULL DEFAULT 0,     -- runs with which their task has failed
  Unwritable INT(11) NOT NULL DEFAULT 0,        -- runs whose words the database refused
  PRIMARY KEY (Id),
  UNIQUE KEY MinuteOn (MinuteOn, TaskHandlerClass, Queue),
  KEY HandlerMinute (TaskHandlerClass, MinuteOn, Succeeded, Failed)  -- what is usual for a handler
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- When things were done last.
CREATE TABLE %PREFIX%TaskQueueMarks (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(64) NOT NULL DEFAULT '',         -- overseer, stand_in (a runner in its place), or forgetting and
                                                -- forgetting_id: up to which QueuedOn and Id old tasks were looked at
  MarkedOn INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY Name (Name),
  KEY MarkedOn (MarkedOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What may be done only so often, over all runners: the last place that was given in the order of each.
CREATE TABLE %PREFIX%TaskRates (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(64) NOT NULL DEFAULT '',         -- SendMail
  NextOnMs BIGINT(20) NOT NULL DEFAULT 0,       -- Unix milliseconds
  PRIMARY KEY (Id),
  UNIQUE KEY Name (Name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What only ever grows.
CREATE TABLE %PREFIX%TaskQueueCounters (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(64) NOT NULL DEFAULT '',         -- refused_writes, lost_runs, unknown_runs, rescued_runs
  Value BIGINT(20) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  UNIQUE KEY Name (Name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The CMS's own settings; made only where it has none. Our variable is TaskRunnerLimit.
CREATE TABLE %SETTINGS% (
  VariableId INT(11) NOT NULL AUTO_INCREMENT,
  VariableName VARCHAR(255) NOT NULL DEFAULT '',
  VariableValue TEXT NULL,
  PRIMARY KEY (VariableId),
  KEY VariableName (VariableName)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The migrations that have been applied. Made by the migrator itself.
CREATE TABLE %PREFIX%TaskQueueSchema (
  Id INT(11) NOT NULL,                          -- the version
  Name VARCHAR(255) NOT NULL DEFAULT '',
  AppliedOn INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  KEY AppliedOn (AppliedOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
