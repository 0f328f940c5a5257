-- Adds TaskRunnerLimit to the CMS's settings table %SETTINGS%. If the CMS has none, it is created with the
-- two columns that TaskQueue reads.

CREATE TABLE IF NOT EXISTS %SETTINGS% (
  VariableId INT(11) NOT NULL AUTO_INCREMENT,
  VariableName VARCHAR(255) NOT NULL DEFAULT '',
  VariableValue TEXT NULL,
  PRIMARY KEY (VariableId),
  KEY VariableName (VariableName)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT INTO %SETTINGS% (VariableName, VariableValue)
  SELECT 'TaskRunnerLimit', '2' FROM DUAL
  WHERE NOT EXISTS (SELECT 1 FROM %SETTINGS% WHERE VariableName = 'TaskRunnerLimit');
