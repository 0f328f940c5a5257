-- A runner can be told to end now, and not only to drain.

ALTER TABLE %PREFIX%TaskRunners
  ADD COLUMN IF NOT EXISTS StopRequestedOn INT(11) NULL DEFAULT NULL AFTER DrainRequestedOn,
  ADD KEY IF NOT EXISTS StopRequestedOn (StopRequestedOn);
