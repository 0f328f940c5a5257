-- Tables of ours beside those that the CMS itself writes and reads.

-- The handlers that each runner has announced.
CREATE TABLE IF NOT EXISTS %PREFIX%TaskHandlers (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskRunnerId INT(11) NOT NULL DEFAULT 0,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Kind VARCHAR(20) NOT NULL DEFAULT '',
  DataSchema LONGTEXT NULL,
  TimeLimitSeconds INT(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  UNIQUE KEY RunnerHandler (TaskRunnerId, TaskHandlerClass),
  KEY TaskHandlerClass (TaskHandlerClass)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Output of open runs, in chunks. It moves to TaskRuns when the run ends.
CREATE TABLE IF NOT EXISTS %PREFIX%TaskRunOutput (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskRunId INT(11) NOT NULL DEFAULT 0,
  Stream VARCHAR(6) NOT NULL DEFAULT '',
  Position BIGINT(20) NOT NULL DEFAULT 0,
  Bytes INT(11) NOT NULL DEFAULT 0,
  Content MEDIUMTEXT NULL,
  PRIMARY KEY (Id),
  KEY TaskRunId (TaskRunId, Stream, Position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Progress of resumable tasks, written in the same transaction as the work that it counts.
CREATE TABLE IF NOT EXISTS %PREFIX%TaskCheckpoints (
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
CREATE TABLE IF NOT EXISTS %PREFIX%TaskQueueRequests (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  IdempotencyKey VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  RequestHash VARCHAR(64) NOT NULL DEFAULT '',
  TaskQueueIds LONGTEXT NULL,
  CreatedOn INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY IdempotencyKey (IdempotencyKey),
  KEY CreatedOn (CreatedOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
