-- Adds columns for the health checks: ends that wait to be written, and runs whose reports the database
-- rejected.

ALTER TABLE %PREFIX%TaskRunners
  ADD COLUMN IF NOT EXISTS UnwrittenRuns INT(11) NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS UnwrittenSeconds INT(11) NOT NULL DEFAULT 0;

ALTER TABLE %PREFIX%TaskQueueMinutes
  ADD COLUMN IF NOT EXISTS Unwritable INT(11) NOT NULL DEFAULT 0,
  ADD KEY IF NOT EXISTS HandlerMinute (TaskHandlerClass, MinuteOn, Succeeded, Failed);
