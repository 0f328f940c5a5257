-- Gives the figures of a run a place in its row from the start, so that the row does not grow when the run ends (DATABASE-52).
-- -1 means that a figure was not observed.
UPDATE %PREFIX%TaskRuns
SET RunMs = COALESCE(RunMs, -1), UserCpuMs = COALESCE(UserCpuMs, -1), SystemCpuMs = COALESCE(SystemCpuMs, -1),
  MaxRssKb = COALESCE(MaxRssKb, -1)
WHERE RunMs IS NULL OR UserCpuMs IS NULL OR SystemCpuMs IS NULL OR MaxRssKb IS NULL;
ALTER TABLE %PREFIX%TaskRuns
  MODIFY COLUMN RunMs BIGINT(20) NOT NULL DEFAULT -1,
  MODIFY COLUMN UserCpuMs BIGINT(20) NOT NULL DEFAULT -1,
  MODIFY COLUMN SystemCpuMs BIGINT(20) NOT NULL DEFAULT -1,
  MODIFY COLUMN MaxRssKb BIGINT(20) NOT NULL DEFAULT -1;
