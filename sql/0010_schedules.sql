-- Adds schedules and the outcomes of their firings.

CREATE TABLE IF NOT EXISTS %PREFIX%TaskSchedules (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  TaskData LONGTEXT NULL,
  CronExpression VARCHAR(255) NOT NULL DEFAULT '',
  TimeZone VARCHAR(64) NOT NULL DEFAULT 'UTC',
  Missed VARCHAR(20) NOT NULL DEFAULT 'once',
  MissedLimit INT(11) NOT NULL DEFAULT 10,
  Overlap VARCHAR(20) NOT NULL DEFAULT 'skip',
  Enabled TINYINT(1) NOT NULL DEFAULT 1,
  Queue VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  Priority SMALLINT(6) NULL DEFAULT NULL,
  MaxRetries INT(11) NULL DEFAULT NULL,
  LastFiredOn INT(11) NULL DEFAULT NULL,
  NextFireOn INT(11) NULL DEFAULT 0,
  LastTaskQueueId INT(11) NULL DEFAULT NULL,
  Problem VARCHAR(255) NOT NULL DEFAULT '',
  CreatedOn INT(11) NULL DEFAULT NULL,
  CreatedById INT(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  UNIQUE KEY Name (Name),
  KEY LastFiredOn (LastFiredOn),
  KEY NextFireOn (NextFireOn),
  KEY LastTaskQueueId (LastTaskQueueId),
  KEY CreatedOn (CreatedOn),
  KEY CreatedById (CreatedById)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%TaskScheduleFirings (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskScheduleId INT(11) NOT NULL DEFAULT 0,
  FireOn INT(11) NULL DEFAULT NULL,
  FiredOn INT(11) NULL DEFAULT NULL,
  Outcome VARCHAR(20) NOT NULL DEFAULT '',
  MissedCount INT(11) NOT NULL DEFAULT 0,
  TaskQueueId INT(11) NULL DEFAULT NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY ScheduleFireOn (TaskScheduleId, FireOn),
  KEY FireOn (FireOn),
  KEY FiredOn (FiredOn),
  KEY TaskQueueId (TaskQueueId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
