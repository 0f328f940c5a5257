-- Keeps the declaration of a handler after the last runner withdraws it.

ALTER TABLE %PREFIX%TaskHandlers
  ADD COLUMN IF NOT EXISTS WithdrawnOn INT(11) NULL DEFAULT NULL,
  ADD KEY IF NOT EXISTS WithdrawnOn (WithdrawnOn);
