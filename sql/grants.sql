-- What the account of TaskQueue needs: rights on the one schema, none beside it. `nginx/serve` runs this in its
-- private database. In a server that exists, its administrator runs it with the words between the @ signs replaced
-- (in @SCHEMA@ a '_' is written '\_', since a bare one stands for any character), for example:
--
--   sed 's/@SCHEMA@/my\\_site/; s/@USER@/taskqueue/; s/@HOST@/localhost/' sql/grants.sql | mariadb
--
-- The account is made before, with a password or another way to log in:
--
--   CREATE USER taskqueue@localhost IDENTIFIED BY '…';

-- The queue itself, and the rows of the CMS's tables that handlers write.
GRANT SELECT, INSERT, UPDATE, DELETE ON `@SCHEMA@`.* TO `@USER@`@`@HOST@`;

-- `taskqueue migrate`, and tables that handlers make. May be revoked between two migrations.
GRANT CREATE, ALTER, INDEX, DROP ON `@SCHEMA@`.* TO `@USER@`@`@HOST@`;
