-- Adds delays of retries as a list, and the window of unique tasks, that handlers declare.

ALTER TABLE %PREFIX%TaskHandlers
  ADD COLUMN IF NOT EXISTS RetryDelays VARCHAR(255) NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS UniqueSeconds INT(11) NOT NULL DEFAULT 0;
