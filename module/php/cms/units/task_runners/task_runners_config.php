<?php
// Untested against a live In-Portal: written to the conventions of its developer guide. The list is for viewing: it has
// no editor and nothing that deletes. It has no SubItems, because the CMS would copy them into temporary tables.
// tests/support/php/cms_units_test.php compares the fields with the schema.

defined('FULL_PATH') or die('restricted access!');

$config = array(
    'Prefix' => 'task-runner',

    'ItemClass' => array('class' => 'kDBItem', 'file' => '', 'build_event' => 'OnItemBuild'),
    'ListClass' => array('class' => 'kDBList', 'file' => '', 'build_event' => 'OnListBuild'),
    'EventHandlerClass' => array('class' => 'TaskRunnerEventHandler', 'file' => 'task_runners_eh.php', 'build_event' => 'OnBuild'),
    'TagProcessorClass' => array('class' => 'kDBTagProcessor', 'file' => '', 'build_event' => 'OnBuild'),

    'AutoLoad' => true,

    'QueryString' => array(1 => 'id', 2 => 'Page', 3 => 'event', 4 => 'mode'),

    'IDField' => 'Id',
    'StatusField' => array('Status'),
    'TitleField' => 'HostName',
    'TableName' => TABLE_PREFIX . 'TaskRunners',

    'TitlePresets' => array(
        'task_runner_list' => array(
            'prefixes' => array('task-runner_List'),
            'format' => '!la_title_TaskRunners! (#task-runner_recordcount#)',
        ),
    ),

    'PermSection' => array('main' => 'in-portal:task_runners'),

    'Sections' => array(
        'in-portal:task_runners' => array(
            'parent' => 'in-portal:tools',
            'icon' => 'task_runner',
            'label' => 'la_tab_TaskRunners',
            'url' => array('t' => 'task_queues/task_runner_list', 'pass' => 'm'),
            'permissions' => array('view', 'advanced:operate'),
            'priority' => 52,
            'type' => stTREE,
        ),
    ),

    'ListSQLs' => array(
        '' => 'SELECT %1$s.Id, %1$s.ProcessId, %1$s.StartedOn, %1$s.FinishedOn, %1$s.Status, %1$s.HostName, '
        . '%1$s.LastHeartbeatOn, %1$s.Version, %1$s.Slots %2$s FROM %1$s',
    ),

    'ItemSQLs' => array(
        '' => 'SELECT %1$s.* %2$s FROM %1$s',
    ),

    'ListSortings' => array(
        '' => array('Sorting' => array('Id' => 'desc')),
    ),

    'Fields' => array(
        'Id' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'ProcessId' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'StartedOn' => array('type' => 'int', 'formatter' => 'kDateFormatter', 'default' => NULL),
        'FinishedOn' => array('type' => 'int', 'formatter' => 'kDateFormatter', 'default' => NULL),
        'Status' => array(
            'type' => 'string', 'formatter' => 'kOptionsFormatter',
            'options' => array('running' => 'la_opt_Running', 'success' => 'la_opt_Success', 'timeout' => 'la_opt_Timeout'),
            'use_phrases' => 1, 'not_null' => 1, 'default' => 'running',
        ),
        'HostName' => array('type' => 'string', 'max_len' => 255, 'not_null' => 1, 'default' => ''),
        'BootId' => array('type' => 'string', 'max_len' => 36, 'not_null' => 1, 'default' => ''),
        'PidNamespace' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'ProcessStartTicks' => array('type' => 'int', 'not_null' => 1, 'default' => 0),
        'LastHeartbeatOn' => array('type' => 'int', 'formatter' => 'kDateFormatter', 'default' => NULL),
        'Version' => array('type' => 'string', 'max_len' => 64, 'not_null' => 1, 'default' => ''),
        'Slots' => array('type' => 'int', 'not_null' => 1, 'default' => 1),
    ),

    'Grids' => array(
        'Default' => array(
            'Icons' => array('default' => 'icon16_item.png'),
            'Fields' => array(
                'Id' => array('title' => 'la_col_Id', 'filter_block' => 'grid_range_filter'),
                'Status' => array('title' => 'la_col_Status', 'filter_block' => 'grid_options_filter'),
                'HostName' => array('title' => 'la_col_HostName', 'filter_block' => 'grid_like_filter'),
                'ProcessId' => array('title' => 'la_col_ProcessId', 'filter_block' => 'grid_range_filter'),
                'Slots' => array('title' => 'la_col_Slots', 'filter_block' => 'grid_range_filter'),
                'LastHeartbeatOn' => array('title' => 'la_col_LastHeartbeatOn', 'filter_block' => 'grid_date_range_filter'),
                'StartedOn' => array('title' => 'la_col_StartedOn', 'filter_block' => 'grid_date_range_filter'),
                'FinishedOn' => array('title' => 'la_col_FinishedOn', 'filter_block' => 'grid_date_range_filter'),
                'Version' => array('title' => 'la_col_Version', 'filter_block' => 'grid_like_filter'),
            ),
        ),
    ),
);
