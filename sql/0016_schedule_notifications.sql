-- Adds notifications of the ends of a schedule's tasks.

ALTER TABLE %PREFIX%TaskSchedules
  ADD COLUMN IF NOT EXISTS NotifyOn VARCHAR(20) NOT NULL DEFAULT 'never' AFTER MaxRetries,
  ADD COLUMN IF NOT EXISTS NotifyTo VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL DEFAULT NULL
    AFTER NotifyOn,
  ADD COLUMN IF NOT EXISTS NotifyLanguage VARCHAR(20) NOT NULL DEFAULT '' AFTER NotifyTo;
