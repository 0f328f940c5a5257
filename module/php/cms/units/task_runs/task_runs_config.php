<?php
// Untested against a live In-Portal: written to the conventions of its developer guide. The list is for viewing: it has
// no editor and nothing that deletes. It has no SubItems, because the CMS would copy them into temporary tables.
// tests/support/php/cms_units_test.php compares the fields with the schema.

defined('FULL_PATH') or die('restricted access!');

$config = array(
    'Prefix' => 'task-run',

    'ItemClass' => array('class' => 'kDBItem', 'file' => '', 'build_event' => 'OnItemBuild'),
    'ListClass' => array('class' => 'kDBList', 'file' => '', 'build_event' => 'OnListBuild'),
    'EventHandlerClass' => array('class' => 'TaskRunEventHandler', 'file' => 'task_runs_eh.php', 'build_event' => 'OnBuild'),
    'TagProcessorClass' => array('class' => 'kDBTagProcessor', 'file' => '', 'build_event' => 'OnBuild'),

    'AutoLoad' => true,

    'QueryString' => array(1 => 'id', 2 => 'Page', 3 => 'event', 4 => 'mode'),

    'IDField' => 'Id',
    'StatusField' => array('Status'),
    'TitleField' => 'Id',
    'TableName' => TABLE_PREFIX . 'TaskRuns',

    'TitlePresets' => array(
        'task_run_list' => array(
            'prefixes' => array('task-run_List'),
            'format' => '!la_title_TaskRuns! (#task-run_recordcount#)',
        ),
    ),

    'PermSection' => array('main' => 'in-portal:task_runs'),

    'Sections' => array(
        'in-portal:task_runs' => array(
            'parent' => 'in-portal:tools',
            'icon' => 'task_run',
            'label' => 'la_tab_TaskRuns',
            'url' => array('t' => 'task_queues/task_run_list', 'pass' => 'm'),
            'permissions' => array('view'),
            'priority' => 51,
            'type' => stTREE,
        ),
    ),

    // The long texts are left out, because a page of the list would hold megabytes.
    'ListSQLs' => array(
        '' => 'SELECT %1$s.Id, %1$s.TaskQueueId, %1$s.StartedOn, %1$s.PercentsCompleted, %1$s.FinishedOn, %1$s.Status, '
        . '%1$s.ErrorCode, %1$s.ErrorMessage, %1$s.TaskRunnerId, %1$s.Attempt, %1$s.ProgressNote %2$s FROM %1$s',
    ),

    'ItemSQLs' => array(
        '' => 'SELECT %1$s.* %2$s FROM %1$s',
    ),

    'ListSortings' => array(
        '' => array('Sorting' => array('Id' => 'desc')),
    ),

    'Fields' => array(
        'Id' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'TaskQueueId' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'OpenTaskQueueId' => array('type' => 'int', 'default' => NULL),
        'StartedOn' => array('type' => 'int', 'formatter' => 'kDateFormatter', 'default' => NULL),
        'PercentsCompleted' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'FinishedOn' => array('type' => 'int', 'formatter' => 'kDateFormatter', 'default' => NULL),
        'Results' => array('type' => 'string', 'default' => NULL),
        'Status' => array(
            'type' => 'string', 'formatter' => 'kOptionsFormatter',
            'options' => array('scheduled' => 'la_opt_Scheduled', 'running' => 'la_opt_Running', 'success' => 'la_opt_Success', 'error' => 'la_opt_Error', 'timeout' => 'la_opt_Timeout', 'cancelled' => 'la_opt_Cancelled'),
            'use_phrases' => 1, 'not_null' => 1, 'default' => 'scheduled',
        ),
        'StandardOutput' => array('type' => 'string', 'default' => NULL),
        'ErrorOutput' => array('type' => 'string', 'default' => NULL),
        'ErrorCode' => array('type' => 'string', 'max_len' => 255, 'not_null' => 1, 'default' => ''),
        'ErrorMessage' => array('type' => 'string', 'default' => NULL),
        'TaskRunnerId' => array('type' => 'int', 'default' => NULL),
        'Attempt' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'ProgressNote' => array('type' => 'string', 'max_len' => 255, 'not_null' => 1, 'default' => ''),
    ),

    'Grids' => array(
        'Default' => array(
            'Icons' => array('default' => 'icon16_item.png'),
            'Fields' => array(
                'Id' => array('title' => 'la_col_Id', 'filter_block' => 'grid_range_filter'),
                'TaskQueueId' => array('title' => 'la_col_TaskQueueId', 'filter_block' => 'grid_range_filter'),
                'Attempt' => array('title' => 'la_col_Attempt', 'filter_block' => 'grid_range_filter'),
                'Status' => array('title' => 'la_col_Status', 'filter_block' => 'grid_options_filter'),
                'PercentsCompleted' => array('title' => 'la_col_PercentsCompleted', 'filter_block' => 'grid_range_filter'),
                'ProgressNote' => array('title' => 'la_col_ProgressNote', 'filter_block' => 'grid_like_filter'),
                'StartedOn' => array('title' => 'la_col_StartedOn', 'filter_block' => 'grid_date_range_filter'),
                'FinishedOn' => array('title' => 'la_col_FinishedOn', 'filter_block' => 'grid_date_range_filter'),
                'ErrorCode' => array('title' => 'la_col_ErrorCode', 'filter_block' => 'grid_like_filter'),
                'ErrorMessage' => array('title' => 'la_col_ErrorMessage', 'filter_block' => 'grid_like_filter'),
                'TaskRunnerId' => array('title' => 'la_col_TaskRunnerId', 'filter_block' => 'grid_range_filter'),
            ),
        ),
    ),
);
