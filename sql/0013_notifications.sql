-- Adds notifications of a task's end, and of handlers whose tasks fail without a further retry.

ALTER TABLE %PREFIX%TaskQueue
  ADD COLUMN IF NOT EXISTS NotifyOn VARCHAR(20) NOT NULL DEFAULT 'never',
  ADD COLUMN IF NOT EXISTS NotifyTo VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL,
  ADD COLUMN IF NOT EXISTS NotifyLanguage VARCHAR(20) NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS NotificationTaskId INT(11) NULL DEFAULT NULL;

ALTER TABLE %PREFIX%TaskQueueMinutes
  ADD COLUMN IF NOT EXISTS FailedForGood INT(11) NOT NULL DEFAULT 0;
