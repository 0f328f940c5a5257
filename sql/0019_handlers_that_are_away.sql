-- What a handler has declared stays known when no runner offers it any more.

ALTER TABLE %PREFIX%TaskHandlers
  ADD COLUMN IF NOT EXISTS WithdrawnOn INT(11) NULL DEFAULT NULL,
  ADD KEY IF NOT EXISTS WithdrawnOn (WithdrawnOn);
