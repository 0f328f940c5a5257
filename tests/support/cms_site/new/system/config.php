<?php
/* A site configuration in the format of In-Portal 5.1 and later. The tests replace %SOCKET%. */
$_CONFIG['Database']['DBType'] = 'mysqli';
$_CONFIG['Database']['DBHost'] = 'localhost:%SOCKET%';
$_CONFIG['Database']['DBName'] = 'cms_site';
$_CONFIG['Database']['DBUser'] = 'site';
$_CONFIG['Database']['DBUserPassword'] = 'it\'s # "quoted" \\ ; 100%';
$_CONFIG['Database']['DBCollation'] = 'utf8mb4_unicode_ci';
$_CONFIG['Database']['DBCharset'] = 'utf8mb4';
$_CONFIG['Database']['TablePrefix'] = 'inp_';
$_CONFIG['Misc']['WebsiteCharset'] = 'utf-8'; // charset of the pages
$_CONFIG['Misc']['AdminDirectory'] = '/admin';
