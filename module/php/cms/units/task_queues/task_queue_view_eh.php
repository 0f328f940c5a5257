<?php
// Untested against a live In-Portal: written to the conventions of its developer guide.

defined('FULL_PATH') or die('restricted access!');

/**
 * Restricts the lists of task-queue, task-run and task-runner to viewing. The CMS's editor copies rows to temporary
 * tables, deletes the live ones and writes the copies back, which loses history in tables that runners write.
 *
 * The edit permissions of the parent class are therefore not inherited: an event that is not listed is refused.
 */
class TaskQueueViewEventHandler extends kDBEventHandler
{
    /** These events only view the list, or store how a user views it. */
    const VIEWING = array(
        'OnItemBuild', 'OnListBuild', 'OnSearch', 'OnSearchReset', 'OnSetFilter', 'OnSetFilterPattern', 'OnRemoveFilters',
        'OnApplyFilters', 'OnSetSorting', 'OnSetSortingDirect', 'OnResetSorting', 'OnSetPage', 'OnSetPerPage', 'OnSetAutoRefreshInterval',
        'OnAutoRefreshToggle', 'OnStoreSelected',
    );

    /** Returns the permissions of further events of the unit, by event name, as mapPermissions() needs them. */
    protected function getOwnPermissions()
    {
        return array();
    }

    public function mapPermissions()
    {
        $this->permMapping = array();
        foreach (self::VIEWING as $event_name) {
            $this->permMapping[$event_name] = array('self' => 'view');
        }
        $this->permMapping = array_merge($this->permMapping, $this->getOwnPermissions());
    }

    /** Returns the site's settings for the queue. */
    protected function getSite()
    {
        return require dirname(dirname(__DIR__)) . '/task_queue_site.php';
    }

    /**
     * Triggers the queue's own event of this name. A failure shows in PHP's error log, in the event's status, which keeps
     * the CMS from writing the row, and in its parameter `problem`.
     *
     * @return array|null what the event did
     */
    protected function trigger(kEvent $event, $queue_event, $input = null)
    {
        try {
            $site = $this->getSite();
            $done = $site['Events']->trigger($queue_event, $input);
            $event->setEventParam('done', $done);
            $event->status = kEvent::erSUCCESS;
            return $done;
        } catch (RuntimeException $problem) {
            error_log("$queue_event: " . $problem->getMessage());
            $event->setEventParam('problem', $problem->getMessage());
            $event->status = kEvent::erFAIL;
            return null;
        }
    }

    /** Sets the columns of an item that the CMS is about to insert. Columns that have a value keep it. */
    protected function setMissing(kDBItem $object, array $columns)
    {
        foreach ($columns as $name => $value) {
            $current = $object->GetDBField($name);
            if ($current === null || $current === '' || $current === false) {
                $object->SetDBField($name, $value);
            }
        }
    }
}
