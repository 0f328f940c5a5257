-- How many tasks of a handler may run at once, over all runners; no row: any number.

CREATE TABLE IF NOT EXISTS %PREFIX%TaskQueueLimits (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskHandlerClass VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  MaxRunning INT(11) NOT NULL DEFAULT 1,
  ChangedOn INT(11) NULL DEFAULT NULL,
  ChangedById INT(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  UNIQUE KEY TaskHandlerClass (TaskHandlerClass),
  KEY ChangedOn (ChangedOn),
  KEY ChangedById (ChangedById)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Parked tasks of a class are found among millions that have ended.
ALTER TABLE %PREFIX%TaskQueue
  DROP KEY IF EXISTS TaskHandlerClass,
  ADD KEY TaskHandlerClass (TaskHandlerClass, ParkedReason);
