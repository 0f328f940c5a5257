<?php
// Untested against a live In-Portal: written to the conventions of its developer guide.

defined('FULL_PATH') or die('restricted access!');

require_once dirname(__DIR__) . '/task_queues/task_queue_view_eh.php';

class TaskRunnerEventHandler extends TaskQueueViewEventHandler
{
    protected function getOwnPermissions()
    {
        return array('OnProcess' => array('self' => 'advanced:operate'));
    }

    /**
     * Works as a runner, unless TaskRunnerLimit runners are working. On the command line it works until it recycles
     * itself, over HTTP for a short time. Do not make it a scheduled task of the CMS, because those wait for each
     * other.
     */
    protected function OnProcess(kEvent $event)
    {
        $this->trigger($event, 'task-runner:OnProcess');
    }
}
