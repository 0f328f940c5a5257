;<?php die("no peeking"); ?>
; The configuration of a site, as In-Portal before 5.1 writes it. %SOCKET% is filled in by the tests.
[Database]
DBType = 'mysql'
DBHost = "localhost:%SOCKET%"
DBUser = site
DBUserPassword = "it's # \"quoted\" \\ ; 100%"
DBName = cms_site
DBCollation = 'utf8_general_ci'
DBCharset = 'utf8'
TablePrefix = 'inp_'

[Misc]
Domain = "www.example.com"
DBName = not_this_one
