<?php
// Untested against a live In-Portal: written to the conventions of its developer guide.

defined('FULL_PATH') or die('restricted access!');

require_once dirname(__DIR__) . '/task_queues/task_queue_view_eh.php';

class TaskRunEventHandler extends TaskQueueViewEventHandler
{
    /**
     * Lets the CMS insert a run of a task that may have one, and sets its attempt. A runner takes the run over. The CMS
     * raises this event and the next one itself; no request can.
     */
    protected function OnBeforeItemCreate(kEvent $event)
    {
        $object = $event->getObject();
        $columns = $this->trigger($event, 'task-run:OnBeforeItemCreate', (int)$object->GetDBField('TaskQueueId'));
        if ($columns !== null) {
            foreach ($columns as $name => $value) {
                $object->SetDBField($name, $value);
            }
        }
    }

    /** Sets LastStatus and TaskRunsFailed of the task from its runs. */
    protected function OnAfterItemUpdate(kEvent $event)
    {
        $object = $event->getObject();
        $this->trigger($event, 'task-run:OnAfterItemUpdate', (int)$object->GetDBField('TaskQueueId'));
    }
}
