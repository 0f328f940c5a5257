<?php
// Untested against a live In-Portal: written to the conventions of its developer guide.

defined('FULL_PATH') or die('restricted access!');

/**
 * What the lists of task-queue, task-run and task-runner may do: be looked at. The CMS's editor copies rows to temporary
 * tables, deletes the live ones and writes the copies back; on tables that runners write that loses history. So the
 * permissions of the parent's events for editing are not taken over: an event that is not listed is refused.
 */
class TaskQueueViewEventHandler extends kDBEventHandler
{
    /** Events that only look, or keep how one looks. */
    const VIEWING = array(
        'OnItemBuild', 'OnListBuild', 'OnSearch', 'OnSearchReset', 'OnSetFilter', 'OnSetFilterPattern', 'OnRemoveFilters',
        'OnApplyFilters', 'OnSetSorting', 'OnSetSortingDirect', 'OnResetSorting', 'OnSetPage', 'OnSetPerPage', 'OnSetAutoRefreshInterval',
        'OnAutoRefreshToggle', 'OnStoreSelected',
    );

    /** Further events of the unit: name => permission, as in mapPermissions(). */
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

    /** The site's settings of the queue. */
    protected function getSite()
    {
        return require dirname(dirname(__DIR__)) . '/task_queue_site.php';
    }

    /** Triggers the queue's own event of this name. What goes wrong is in PHP's error log and in the event's status. */
    protected function trigger(kEvent $event, $queue_event)
    {
        try {
            $site = $this->getSite();
            $event->setEventParam('done', $site['Events']->trigger($queue_event));
            $event->status = kEvent::erSUCCESS;
        } catch (RuntimeException $problem) {
            error_log("$queue_event: " . $problem->getMessage());
            $event->status = kEvent::erFAIL;
        }
    }
}
