<?php

namespace TaskQueue;

// The parent of TaskRunItem: the CMS's class of items where there is one. So a run fits the parameter type kDBItem. The
// CMS's autoloader must be loaded before this file.
if (class_exists('kDBItem')) {
    abstract class ItemOfCms extends \kDBItem
    {
    }
} else {
    abstract class ItemOfCms
    {
    }
}
