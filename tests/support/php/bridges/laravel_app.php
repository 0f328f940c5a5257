<?php
// As bootstrap/app.php of a Laravel site: returns the application.

require_once __DIR__ . '/laravel_site.php';

return App\LaravelSite::boot();
