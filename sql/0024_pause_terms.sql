-- A pause may have a reason and an end, and one pause may hold all queues (Kind all).
ALTER TABLE %PREFIX%TaskQueuePauses
  ADD COLUMN IF NOT EXISTS Reason VARCHAR(255) NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS PausedUntil INT(11) NULL DEFAULT NULL,
  ADD KEY IF NOT EXISTS PausedUntil (PausedUntil);
