<?php
// Untested against a live In-Portal: written to the conventions of its developer guide.

defined('FULL_PATH') or die('restricted access!');

require_once dirname(__DIR__) . '/task_queues/task_queue_view_eh.php';

class TaskRunEventHandler extends TaskQueueViewEventHandler
{
}
