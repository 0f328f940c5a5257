-- The most tasks of a handler that run at once, over all runners. Without a row there is no limit.

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

-- This index finds the parked tasks of a class among millions of ended ones.
ALTER TABLE %PREFIX%TaskQueue
  DROP KEY IF EXISTS TaskHandlerClass,
  ADD KEY TaskHandlerClass (TaskHandlerClass, ParkedReason);
