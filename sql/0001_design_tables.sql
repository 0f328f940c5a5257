-- The tables and columns of the design document. %PREFIX% is the site's table prefix. Every statement may be
-- repeated, since `taskqueue migrate` resumes here after a kill in the middle.

CREATE TABLE IF NOT EXISTS %PREFIX%TaskQueue (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  TaskData LONGTEXT NULL,
  ScheduledOn INT(11) NULL DEFAULT NULL,
  QueuedOn INT(11) NULL DEFAULT NULL,
  QueuedById INT(11) NOT NULL DEFAULT 0,
  LastStatus VARCHAR(20) NOT NULL DEFAULT 'scheduled',
  MaxRetries INT(11) NOT NULL DEFAULT 5,
  TaskRunsFailed INT(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  KEY ScheduledOn (ScheduledOn),
  KEY QueuedOn (QueuedOn),
  KEY QueuedById (QueuedById),
  KEY LastStatus (LastStatus)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%TaskRuns (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskQueueId INT(11) NOT NULL DEFAULT 0,
  StartedOn INT(11) NULL DEFAULT NULL,
  PercentsCompleted INT(11) NOT NULL DEFAULT 0,
  FinishedOn INT(11) NULL DEFAULT NULL,
  Results LONGTEXT NULL,
  Status VARCHAR(20) NOT NULL DEFAULT 'scheduled',
  StandardOutput LONGTEXT NULL,
  ErrorOutput LONGTEXT NULL,
  ErrorCode VARCHAR(255) NOT NULL DEFAULT '',
  ErrorMessage TEXT NULL,
  TaskRunnerId INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  KEY StartedOn (StartedOn),
  KEY FinishedOn (FinishedOn),
  KEY Status (Status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%TaskRunners (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  ProcessId INT(11) NOT NULL DEFAULT 0,
  StartedOn INT(11) NULL DEFAULT NULL,
  FinishedOn INT(11) NULL DEFAULT NULL,
  Status VARCHAR(20) NOT NULL DEFAULT 'running',
  PRIMARY KEY (Id),
  KEY StartedOn (StartedOn),
  KEY FinishedOn (FinishedOn),
  KEY Status (Status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
