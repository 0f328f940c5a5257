-- Adds files that runs offer for download, such as the lines that an import has skipped.

CREATE TABLE IF NOT EXISTS %PREFIX%TaskRunFiles (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  TaskRunId INT(11) NULL DEFAULT NULL,
  Name VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  ContentType VARCHAR(100) NOT NULL DEFAULT '',
  Part INT(11) NOT NULL DEFAULT 0,
  Bytes INT(11) NOT NULL DEFAULT 0,
  Content LONGBLOB NULL,
  PRIMARY KEY (Id),
  UNIQUE KEY TaskRunId (TaskRunId, Name, Part)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
