-- Lets operators stop a runner at once, and not only drain it.

ALTER TABLE %PREFIX%TaskRunners
  ADD COLUMN IF NOT EXISTS StopRequestedOn INT(11) NULL DEFAULT NULL AFTER DrainRequestedOn,
  ADD KEY IF NOT EXISTS StopRequestedOn (StopRequestedOn);
