<?php
// Untested against a live In-Portal: written to the conventions of its developer guide.

defined('FULL_PATH') or die('restricted access!');

require_once __DIR__ . '/task_queue_view_eh.php';

class TaskQueueEventHandler extends TaskQueueViewEventHandler
{
    protected function getOwnPermissions()
    {
        return array(
            'OnProcess' => array('self' => 'advanced:operate'),
            'OnCreateTaskRunners' => array('self' => 'advanced:operate'),
            'OnDebug' => array('self' => 'advanced:operate'),
            'OnOpen' => array('self' => 'view'),
        );
    }

    /**
     * Calls the overseer once a minute. It rescues the runs of dead runners, fires schedules and creates
     * missing runs.
     */
    protected function OnProcess(kEvent $event)
    {
        $this->trigger($event, 'task-queue:OnProcess');
    }

    /** Over HTTP one short-lived runner works until nothing is due; on the command line the missing runners are started. */
    protected function OnCreateTaskRunners(kEvent $event)
    {
        $this->trigger($event, 'task-queue:OnCreateTaskRunners');
    }

    /** Runs one short-lived runner, whatever the limit is. */
    protected function OnDebug(kEvent $event)
    {
        $this->trigger($event, 'task-queue:OnDebug');
    }

    /**
     * Checks a task that the CMS is about to insert as addTask() does, and sets the columns that it lacks. The CMS raises
     * this event itself; no request can.
     */
    protected function OnBeforeItemCreate(kEvent $event)
    {
        $object = $event->getObject();
        $task = array();
        foreach (array('TaskHandlerClass', 'Title', 'Queue') as $name) {
            $task[$name] = (string)$object->GetDBField($name);
        }
        foreach (array('ScheduledOn', 'QueuedById', 'MaxRetries', 'Priority') as $name) {
            $value = $object->GetDBField($name);
            $task[$name] = is_numeric($value) ? (int)$value : null;
        }
        $task = array_filter($task, static function ($value) {
            return $value !== null && $value !== '';
        });
        $data = (string)$object->GetDBField('TaskData');
        $task['TaskData'] = $data === '' ? new stdClass() : json_decode($data);
        $columns = $this->trigger($event, 'task-queue:OnBeforeItemCreate', $task);
        if ($columns !== null) {
            $this->setMissing($object, $columns);
        }
    }

    /** Hands the administrator over to the queue's pages (nginx/taskqueue-sign-in.conf.template). */
    protected function OnOpen(kEvent $event)
    {
        $site = $this->getSite();
        try {
            $link = TaskQueue\SignIn\HandOver::link(
                $site['BasePath'],
                new TaskQueue\SignIn\Secret($site['SignInSecret']),
                $this->getLogin(),
                $this->getRole(),
                '?embed=1&theme=inportal'
            );
        } catch (Exception $problem) {
            error_log('task-queue:OnOpen: ' . $problem->getMessage());
            $event->status = kEvent::erFAIL;
            return;
        }
        $event->redirect = 'external:' . $link;
    }

    /** Returns the administrator's name for the queue's audit record. */
    protected function getLogin()
    {
        $user_id = $this->Application->RecallVar('user_id');
        if ($user_id == -1) {
            return 'root';
        }
        $user = $this->Application->recallObject('u.current');
        return $user->GetDBField('Login');
    }

    /** Returns the administrator's role in the queue, from the permissions of the section. */
    protected function getRole()
    {
        $section = 'in-portal:task_queues';
        if ($this->Application->CheckPermission($section . '.advanced:administer', 1)) {
            return 'admin';
        }
        return $this->Application->CheckPermission($section . '.advanced:operate', 1) ? 'operator' : 'viewer';
    }
}
