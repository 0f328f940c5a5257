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
     * Sets the identity of this process in a row that the CMS is about to insert, so that the queue sees whether it lives.
     * The CMS raises this event and the next one itself; no request can.
     */
    protected function OnBeforeItemCreate(kEvent $event)
    {
        $object = $event->getObject();
        foreach (TaskQueue\ProcessIdentity::columns() as $name => $value) {
            $object->SetDBField($name, $value);
        }
        $this->setMissing($object, array('StartedOn' => time(), 'LastHeartbeatOn' => time()));
    }

    /** When a runner's Status has changed from running to timeout, its runs end as timeout, too. */
    protected function OnAfterItemUpdate(kEvent $event)
    {
        $object = $event->getObject();
        $has_died = $object->GetOriginalField('Status') === 'running' && $object->GetDBField('Status') === 'timeout';
        if ($has_died) {
            $this->trigger($event, 'task-runner:OnAfterItemUpdate', (int)$object->GetID());
        }
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
