-- Adds the audit record, statistics per minute for charts and rates, and the times of the last passes.

CREATE TABLE IF NOT EXISTS %PREFIX%TaskQueueAudit (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  ChangedOn INT(11) NULL DEFAULT NULL,
  ChangedBy VARCHAR(190) NOT NULL DEFAULT '',
  Source VARCHAR(20) NOT NULL DEFAULT '',
  Action VARCHAR(40) NOT NULL DEFAULT '',
  TaskQueueId INT(11) NULL DEFAULT NULL,
  Subject VARCHAR(255) NOT NULL DEFAULT '',
  Detail VARCHAR(255) NOT NULL DEFAULT '',
  PRIMARY KEY (Id),
  KEY ChangedOn (ChangedOn),
  KEY TaskQueueId (TaskQueueId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%TaskQueueMinutes (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  MinuteOn INT(11) NULL DEFAULT NULL,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Queue VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  Succeeded INT(11) NOT NULL DEFAULT 0,
  Failed INT(11) NOT NULL DEFAULT 0,
  Cancelled INT(11) NOT NULL DEFAULT 0,
  RunMsTotal BIGINT(20) NOT NULL DEFAULT 0,
  FirstRuns INT(11) NOT NULL DEFAULT 0,
  WaitSecondsTotal BIGINT(20) NOT NULL DEFAULT 0,
  RunMsHistogram TEXT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY MinuteOn (MinuteOn, TaskHandlerClass, Queue)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%TaskQueueMarks (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(64) NOT NULL DEFAULT '',
  MarkedOn INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY Name (Name),
  KEY MarkedOn (MarkedOn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
