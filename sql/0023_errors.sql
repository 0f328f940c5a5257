-- Adds groups of errors with their sums by the hour, and the sums of handlers by the hour.

CREATE TABLE IF NOT EXISTS %PREFIX%TaskErrorGroups (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Fingerprint VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  ErrorCode VARCHAR(255) NOT NULL DEFAULT '',
  Pattern VARCHAR(300) NOT NULL DEFAULT '',
  State VARCHAR(20) NOT NULL DEFAULT 'new',
  FirstSeenOn INT(11) NULL DEFAULT NULL,
  LastSeenOn INT(11) NULL DEFAULT NULL,
  NewOn INT(11) NULL DEFAULT NULL,
  ChangedOn INT(11) NULL DEFAULT NULL,
  LastTaskRunId INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY HandlerFingerprint (TaskHandlerClass, Fingerprint),
  KEY FirstSeenOn (FirstSeenOn),
  KEY LastSeenOn (LastSeenOn),
  KEY NewOn (NewOn),
  KEY ChangedOn (ChangedOn),
  KEY LastTaskRunId (LastTaskRunId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%TaskErrorHours (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  HourOn INT(11) NULL DEFAULT NULL,
  TaskErrorGroupId INT(11) NOT NULL DEFAULT 0,
  Failed INT(11) NOT NULL DEFAULT 0,
  FailedForGood INT(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  UNIQUE KEY GroupHour (TaskErrorGroupId, HourOn),
  KEY HourOn (HourOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%TaskQueueHours (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  HourOn INT(11) NULL DEFAULT NULL,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Succeeded INT(11) NOT NULL DEFAULT 0,
  Failed INT(11) NOT NULL DEFAULT 0,
  Cancelled INT(11) NOT NULL DEFAULT 0,
  RunMsTotal BIGINT(20) NOT NULL DEFAULT 0,
  FirstRuns INT(11) NOT NULL DEFAULT 0,
  WaitSecondsTotal BIGINT(20) NOT NULL DEFAULT 0,
  RunMsHistogram TEXT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY HourOn (HourOn, TaskHandlerClass),
  KEY HandlerHour (TaskHandlerClass, HourOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

ALTER TABLE %PREFIX%TaskRuns ADD COLUMN IF NOT EXISTS ErrorGroupId INT(11) NULL DEFAULT NULL;
