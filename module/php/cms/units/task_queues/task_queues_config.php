<?php
// Untested against a live In-Portal: written to the conventions of its developer guide. The list is for viewing: it has
// no editor and nothing that deletes. It has no SubItems, because the CMS would copy them into temporary tables.
// tests/support/php/cms_units_test.php compares the fields with the schema.

defined('FULL_PATH') or die('restricted access!');

$config = array(
    'Prefix' => 'task-queue',

    'ItemClass' => array('class' => 'kDBItem', 'file' => '', 'build_event' => 'OnItemBuild'),
    'ListClass' => array('class' => 'kDBList', 'file' => '', 'build_event' => 'OnListBuild'),
    'EventHandlerClass' => array('class' => 'TaskQueueEventHandler', 'file' => 'task_queues_eh.php', 'build_event' => 'OnBuild'),
    'TagProcessorClass' => array('class' => 'kDBTagProcessor', 'file' => '', 'build_event' => 'OnBuild'),

    'AutoLoad' => true,

    'QueryString' => array(1 => 'id', 2 => 'Page', 3 => 'event', 4 => 'mode'),

    'IDField' => 'Id',
    'StatusField' => array('LastStatus'),
    'TitleField' => 'Title',
    'TableName' => TABLE_PREFIX . 'TaskQueue',

    // The overseer of a site without a crontab of its own, and short-lived runners for one without supervisord. Both are
    // off: an administrator switches them on. While runners work over HTTP, other scheduled tasks wait up to a minute.
    'ScheduledTasks' => array(
        'task_queue_process' => array('EventName' => 'OnProcess', 'RunSchedule' => '* * * * *', 'Status' => STATUS_DISABLED),
        'task_queue_create_runners' => array(
            'EventName' => 'OnCreateTaskRunners', 'RunSchedule' => '*/5 * * * *', 'Status' => STATUS_DISABLED,
        ),
    ),

    'TitlePresets' => array(
        'task_queue_list' => array(
            'prefixes' => array('task-queue_List'),
            'format' => '!la_title_TaskQueue! (#task-queue_recordcount#)',
        ),
    ),

    'PermSection' => array('main' => 'in-portal:task_queues'),

    'Sections' => array(
        'in-portal:task_queues' => array(
            'parent' => 'in-portal:tools',
            'icon' => 'task_queue',
            'label' => 'la_tab_TaskQueue',
            'url' => array('t' => 'task_queues/task_queue_list', 'pass' => 'm'),
            'permissions' => array('view', 'advanced:operate', 'advanced:administer'),
            'priority' => 50,
            'type' => stTREE,
        ),
    ),

    // The long texts are left out, because a page of the list would hold megabytes.
    'ListSQLs' => array(
        '' => 'SELECT %1$s.Id, %1$s.TaskHandlerClass, %1$s.Title, %1$s.ScheduledOn, %1$s.QueuedOn, %1$s.QueuedById, '
        . '%1$s.LastStatus, %1$s.MaxRetries, %1$s.TaskRunsFailed, %1$s.Queue, %1$s.Priority %2$s FROM %1$s',
    ),

    'ItemSQLs' => array(
        '' => 'SELECT %1$s.* %2$s FROM %1$s',
    ),

    'ListSortings' => array(
        '' => array('Sorting' => array('Id' => 'desc')),
    ),

    'Fields' => array(
        'Id' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'TaskHandlerClass' => array('type' => 'string', 'max_len' => 255, 'not_null' => 1, 'default' => ''),
        'Title' => array('type' => 'string', 'max_len' => 255, 'not_null' => 1, 'default' => ''),
        'TaskData' => array('type' => 'string', 'default' => NULL),
        'ScheduledOn' => array('type' => 'int', 'formatter' => 'kDateFormatter', 'default' => NULL),
        'QueuedOn' => array('type' => 'int', 'formatter' => 'kDateFormatter', 'default' => NULL),
        'QueuedById' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'LastStatus' => array(
            'type' => 'string', 'formatter' => 'kOptionsFormatter',
            'options' => array('scheduled' => 'la_opt_Scheduled', 'running' => 'la_opt_Running', 'success' => 'la_opt_Success', 'error' => 'la_opt_Error', 'timeout' => 'la_opt_Timeout', 'cancelled' => 'la_opt_Cancelled'),
            'use_phrases' => 1, 'not_null' => 1, 'default' => 'scheduled',
        ),
        'MaxRetries' => array('type' => 'int', 'not_null' => 1, 'default' => 5),
        'TaskRunsFailed' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'Queue' => array('type' => 'string', 'max_len' => 64, 'not_null' => 1, 'default' => 'default'),
        'Priority' => array('type' => 'int', 'not_null' => 1, 'default' => 5),
    ),

    'Grids' => array(
        'Default' => array(
            'Icons' => array('default' => 'icon16_item.png'),
            'Fields' => array(
                'Id' => array('title' => 'la_col_Id', 'filter_block' => 'grid_range_filter'),
                'LastStatus' => array('title' => 'la_col_LastStatus', 'filter_block' => 'grid_options_filter'),
                'TaskHandlerClass' => array('title' => 'la_col_TaskHandlerClass', 'filter_block' => 'grid_like_filter'),
                'Title' => array('title' => 'la_col_Title', 'filter_block' => 'grid_like_filter'),
                'Queue' => array('title' => 'la_col_Queue', 'filter_block' => 'grid_like_filter'),
                'Priority' => array('title' => 'la_col_Priority', 'filter_block' => 'grid_range_filter'),
                'ScheduledOn' => array('title' => 'la_col_ScheduledOn', 'filter_block' => 'grid_date_range_filter'),
                'QueuedOn' => array('title' => 'la_col_QueuedOn', 'filter_block' => 'grid_date_range_filter'),
                'QueuedById' => array('title' => 'la_col_QueuedById', 'filter_block' => 'grid_range_filter'),
                'TaskRunsFailed' => array('title' => 'la_col_TaskRunsFailed', 'filter_block' => 'grid_range_filter'),
                'MaxRetries' => array('title' => 'la_col_MaxRetries', 'filter_block' => 'grid_range_filter'),
            ),
        ),
    ),
);
