<?php
// Tests the files for the CMS as far as possible without the CMS: php cms_units_test.php. Prints "ok" and exits with 0, or
// names the first failure.

require dirname(__DIR__, 3) . '/module/php/autoload.php';
require __DIR__ . '/checks.php';

use TaskQueue\Events;

$php = dirname(__DIR__, 3) . '/module/php';
$cms = "$php/cms";

// Every file of the site's side must parse.
$files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($php, FilesystemIterator::SKIP_DOTS));
$list = [];
foreach ($files as $file) {
    if ($file->getExtension() === 'php') {
        $list[] = $file->getPathname();
    }
}
check(count($list) > 30, 'there are files');
$all = implode(' ', array_map('escapeshellarg', $list));
exec("printf '%s\\n' $all | xargs -P 2 -n 1 " . escapeshellarg(PHP_BINARY) . ' -l 2>&1', $said, $status);
check($status === 0, 'all files are PHP: ' . implode("\n", preg_grep('/^No syntax errors/', $said, PREG_GREP_INVERT)));
// PHP 7.4 must suffice: tokens reveal newer syntax.
foreach ($list as $file) {
    $tokens = token_get_all(file_get_contents($file));
    foreach ($tokens as $token) {
        $name = is_array($token) ? token_name($token[0]) : $token;
        $isLater = in_array($name, ['T_MATCH', 'T_NULLSAFE_OBJECT_OPERATOR', 'T_ENUM', 'T_READONLY'], true);
        check(!$isLater, "$name in $file is later than PHP 7.4");
    }
    $text = file_get_contents($file);
    check(preg_match('/\b(str_contains|str_starts_with|str_ends_with|array_is_list|get_debug_type)\(/', $text) !== 1, "a function later than PHP 7.4 in $file");
    check(preg_match('/function __construct\([^)]*\b(private|public|protected) /', $text) !== 1, "promoted members in $file");
}

// Definitions that the files expect from the CMS.
define('FULL_PATH', '/nonexistent');
define('TABLE_PREFIX', 'inp_');
define('stTREE', 1);
define('STATUS_DISABLED', 0);
class kDBItem
{
    public $fields;
    public $before;

    public function __construct(array $fields, array $before = [])
    {
        $this->fields = $fields;
        $this->before = $before;
    }

    public function GetDBField($name)
    {
        return $this->fields[$name] ?? null;
    }

    public function SetDBField($name, $value)
    {
        $this->fields[$name] = $value;
    }

    public function GetOriginalField($name)
    {
        return $this->before[$name] ?? null;
    }

    public function GetID()
    {
        return $this->fields['Id'];
    }
}
class kEvent
{
    const erSUCCESS = 0;
    const erFAIL = -1;
    public $status = -99;
    public $redirect = true;
    public $params = [];
    public $object;

    public function __construct(?kDBItem $object = null)
    {
        $this->object = $object;
    }

    public function getObject()
    {
        return $this->object;
    }

    public function setEventParam($name, $value)
    {
        $this->params[$name] = $value;
    }
}
class kDBEventHandler
{
    public $permMapping = [];
    public $Application;

    public function mapPermissions()
    {
        $this->permMapping = ['OnSave' => ['self' => true], 'OnEdit' => ['self' => true], 'OnMassDelete' => ['self' => true]];
    }

    public function call($name, kEvent $event)
    {
        $this->$name($event);
        return $event;
    }
}

// Columns of a table: name => [type, not null, default].
$columns = static function (string $table) use ($php): array {
    $schema = file_get_contents(dirname($php, 2) . '/sql/schema.sql');
    preg_match('/CREATE TABLE %PREFIX%' . $table . ' \((.*?)\) ENGINE/s', $schema, $found);
    preg_match_all('/^  ([A-Z]\w+) ([A-Z]+)(?:\((\d+)\))?[^,]*?(NOT NULL|NULL)(?: DEFAULT (\'[^\']*\'|NULL|-?\d+))?/m', $found[1], $rows, PREG_SET_ORDER);
    $list = [];
    foreach ($rows as $row) {
        [, $name, $type, $size, $null, $default] = $row + [5 => 'NULL'];
        $list[$name] = [$type, $size, $null === 'NOT NULL', $default];
    }
    return $list;
};
$ofDesign = [
    'TaskQueue' => ['Id', 'TaskHandlerClass', 'TaskData', 'ScheduledOn', 'QueuedOn', 'QueuedById', 'LastStatus', 'MaxRetries', 'TaskRunsFailed'],
    'TaskRuns' => ['Id', 'TaskQueueId', 'StartedOn', 'PercentsCompleted', 'FinishedOn', 'Results', 'Status', 'StandardOutput', 'ErrorOutput',
        'ErrorCode', 'ErrorMessage', 'TaskRunnerId'],
    'TaskRunners' => ['Id', 'ProcessId', 'StartedOn', 'FinishedOn', 'Status'],
];
$phrases = require "$cms/install/phrases.php";
$used = ['la_config_TaskRunnerLimit'];
$load = static function (string $file): array {
    require $file;
    return $config;
};
$words = static function ($value) use (&$words): array {
    return is_array($value) ? array_merge(array_keys($value), ...array_values(array_map($words, $value))) : [$value];
};
foreach (glob("$cms/units/*/*_config.php") as $file) {
    $config = $load($file);
    $name = substr($config['TableName'], strlen('inp_'));
    $schema = $columns($name);
    check(count($schema) > 10, "the columns of $name");
    check(array_diff($ofDesign[$name], array_keys($config['Fields'])) === [], "$name has the CMS's own columns");
    foreach ($config['Fields'] as $field => $options) {
        check(isset($schema[$field]), "$name.$field is a column");
        [$type, $size, $notNull, $default] = $schema[$field];
        $isNumber = strpos($type, 'INT') !== false;
        check($options['type'] === ($isNumber ? 'int' : 'string'), "$name.$field is a $type");
        check(!empty($options['not_null']) === $notNull, "$name.$field: not_null");
        $expected = $default === 'NULL' || $default === '' ? null : trim($default, "'");
        $isCounted = $field === 'Id';  // AUTO_INCREMENT has no default, but the CMS requires one
        check($isCounted || ($expected === null ? $options['default'] === null : (string)$options['default'] === $expected), "$name.$field: its default is $default");
        check(!isset($options['max_len']) || $options['max_len'] === (int)$size, "$name.$field: max_len is $size");
        check((substr($field, -2) === 'On') === (($options['formatter'] ?? '') === 'kDateFormatter'), "$name.$field: dates have the date formatter");
    }
    $fields = $config['Grids']['Default']['Fields'];
    check(array_diff(array_keys($fields), array_keys($config['Fields'])) === [], "the grid of $name shows fields");
    foreach (array_keys($fields) as $field) {
        check(strpos($config['ListSQLs'][''], '%1$s.' . $field) !== false, "$name.$field is in the list's SQL");
    }
    check(preg_match('/StandardOutput|ErrorOutput|TaskData|Results/', $config['ListSQLs']['']) !== 1, "the list of $name carries no long texts");

    // Lists are read-only in the CMS.
    foreach (['EditTabPresets', 'SubItems', 'AutoDelete', 'AutoClone', 'ParentPrefix', 'ForeignKey', 'Hooks', 'UseChangeLog'] as $option) {
        check(!array_key_exists($option, $config), "$name has no $option");
    }
    foreach (['add', 'edit', 'delete'] as $right) {
        check(!in_array($right, reset($config['Sections'])['permissions'], true), "$name knows no right to $right");
    }
    $said = json_encode($words($config));
    check(preg_match('/OnSave|OnEdit|OnPreSave|_edit\b|std_edit|\btemp_/i', $said) !== 1, "$name names no editor");
    $template = "$cms/admin_templates/" . reset($config['Sections'])['url']['t'] . '.tpl';
    check(is_file($template), "the template $template");
    $text = file_get_contents($template);
    check(preg_match('/std_edit|std_delete|std_precreate|OnSave|OnEdit|OnMass|OnDelete|OnUpdate|OnCreate|submit_event|_edit\b|new_item|edit_item/', $text) !== 1, "$template edits nothing");
    check(substr_count($text, '<inp2:') === preg_match_all('~<inp2:\w+[^<>]*/>~', $text), "every tag of $template is closed");
    check(strpos($text, "PrefixSpecial=\"{$config['Prefix']}\"") !== false, "$template shows {$config['Prefix']}");
    preg_match_all('/\bla_\w+/', $said . $text, $labels);
    $used = array_merge($used, $labels[0]);

    require_once dirname($file) . '/' . $config['EventHandlerClass']['file'];
    $class = $config['EventHandlerClass']['class'];
    $handler = new $class();
    $handler->mapPermissions();
    foreach (array_keys($handler->permMapping) as $event) {
        check(preg_match('/^On(Save|Edit|Pre|Mass|Delete|Update|Create$|Cancel|Clone|New|Copy|Move|Export|Import|Upload|Drop)/', $event) !== 1, "$class allows no $event");
    }
    check(isset($handler->permMapping['OnSearch']), "$class allows searching");
}
foreach (['TaskQueueEventHandler' => ['OnProcess', 'OnCreateTaskRunners', 'OnDebug', 'OnOpen'], 'TaskRunnerEventHandler' => ['OnProcess']] as $class => $events) {
    $handler = new $class();
    $handler->mapPermissions();
    foreach ($events as $event) {
        check(isset($handler->permMapping[$event]) && method_exists($class, $event), "$class has $event, with a permission");
    }
}

// The scheduled tasks are off, and each is an event of its unit.
$scheduled = $load("$cms/units/task_queues/task_queues_config.php")['ScheduledTasks'];
check(array_column($scheduled, 'EventName') === ['OnProcess', 'OnCreateTaskRunners'], 'the overseer and the runners');
foreach ($scheduled as $name => $task) {
    check($task['Status'] === STATUS_DISABLED && method_exists('TaskQueueEventHandler', $task['EventName']), "$name is off");
    check(preg_match('~^(\*|\*/5)( \*){4}$~', $task['RunSchedule']) === 1, "$name has a cron expression");
}
// The CMS raises the events of its own rows itself. A request must not.
foreach (['TaskQueueEventHandler' => ['OnBeforeItemCreate'], 'TaskRunEventHandler' => ['OnBeforeItemCreate', 'OnAfterItemUpdate'],
    'TaskRunnerEventHandler' => ['OnBeforeItemCreate', 'OnAfterItemUpdate']] as $class => $events) {
    $handler = new $class();
    $handler->mapPermissions();
    foreach ($events as $event) {
        check(method_exists($class, $event) && !isset($handler->permMapping[$event]), "$class has $event, and no request may raise it");
    }
}

// Each used phrase exists in three languages, and there are no unused ones.
$used = array_unique($used);
check(array_diff($used, array_keys($phrases)) === [], 'phrases are missing: ' . implode(' ', array_diff($used, array_keys($phrases))));
check(array_diff(array_keys($phrases), $used) === [], 'phrases are not used: ' . implode(' ', array_diff(array_keys($phrases), $used)));
foreach ($phrases as $label => $texts) {
    check(count(array_filter($texts)) === 3, "$label in three languages");
}
$directory = sys_get_temp_dir() . '/taskqueue-cms-' . getmypid();
mkdir($directory);
register_shutdown_function(static function () use ($directory): void {
    exec('rm -rf ' . escapeshellarg($directory));
});
exec(escapeshellarg(PHP_BINARY) . " $cms/install/language_packs.php $directory", $packs, $status);
check($status === 0 && count($packs) === 3, 'three packs');
$russian = file_get_contents("$directory/russian.lang");
check(strpos($russian, '<PHRASE Label="la_opt_Running" Module="Custom" Type="1">' . base64_encode('Выполняется') . '</PHRASE>') !== false, 'the Russian one');
check(substr_count($russian, '<PHRASE ') === count($phrases), 'has all phrases');

// The events reach the queue's own events, over its command line as over HTTP.
$program = "$directory/taskqueue";
file_put_contents($program, "#!/bin/sh\n[ \"\$4\" = task-queue:OnDebug ] && { echo no database >&2; exit 69; }\nprintf '{\"said\":\"%s\"}\\n' \"\$*\"\n");
chmod($program, 0755);
final class SiteQueueHandler extends TaskQueueEventHandler
{
    public static $site;

    protected function getSite()
    {
        return self::$site;
    }
}
SiteQueueHandler::$site = ['Events' => Events::overCommandLine($program, '/etc/my queue.ini'), 'BasePath' => '/taskqueue/', 'SignInSecret' => "$directory/secret"];
ini_set('error_log', "$directory/log");
$handler = new SiteQueueHandler();
$event = $handler->call('OnProcess', new kEvent());
check($event->status === kEvent::erSUCCESS, 'OnProcess succeeds');
check($event->params['done'] === ['said' => '--config /etc/my queue.ini event task-queue:OnProcess'], json_encode($event->params));
$event = $handler->call('OnDebug', new kEvent());
check($event->status === kEvent::erFAIL && strpos(file_get_contents("$directory/log"), 'ended with status 69: no database') !== false, 'a failure is told');

// The events of rows that the CMS writes itself.
file_put_contents("$directory/items", <<<'SH'
#!/bin/sh
shift 2
echo "$*" >> "$(dirname "$0")/calls"
case "$*" in
*Unknown*) echo 'The task was not accepted.'; echo '/TaskHandlerClass is not known'; exit 65 ;;
*task-queue:OnBeforeItemCreate*) echo '{"QueuedOn":7,"ScheduledOn":7,"MaxRetries":5,"LastStatus":"scheduled"}' ;;
*task-run:OnBeforeItemCreate*) echo '{"TaskQueueId":5,"OpenTaskQueueId":5,"Attempt":3,"Status":"scheduled"}' ;;
*) echo '{"Done":true}' ;;
esac
SH
);
chmod("$directory/items", 0755);
$items = ['Events' => Events::overCommandLine("$directory/items", '/etc/x.ini')];
foreach (['TaskQueue', 'TaskRun', 'TaskRunner'] as $unit) {
    eval("final class Site{$unit}Handler extends {$unit}EventHandler
    {
        public static \$site;

        protected function getSite()
        {
            return self::\$site;
        }
    }");
    ("Site{$unit}Handler")::$site = $items;
}
$calls = static function () use ($directory): array {
    $lines = is_file("$directory/calls") ? file("$directory/calls", FILE_IGNORE_NEW_LINES) : [];
    @unlink("$directory/calls");
    return $lines;
};
$task = new kDBItem(['TaskHandlerClass' => 'Echo', 'TaskData' => '{"name":"Zürich"}', 'ScheduledOn' => '99', 'MaxRetries' => null, 'Queue' => '']);
$event = (new SiteTaskQueueHandler())->call('OnBeforeItemCreate', new kEvent($task));
check($event->status === kEvent::erSUCCESS, 'a task that fits');
check($task->fields['ScheduledOn'] === '99' && $task->fields['MaxRetries'] === 5 && $task->fields['QueuedOn'] === 7, json_encode($task->fields));
check($calls() === ['event task-queue:OnBeforeItemCreate --task {"TaskHandlerClass":"Echo","ScheduledOn":99,"TaskData":{"name":"Zürich"}}'], 'the task as the API takes it');
$event = (new SiteTaskQueueHandler())->call('OnBeforeItemCreate', new kEvent(new kDBItem(['TaskHandlerClass' => 'Unknown'])));
check($event->status === kEvent::erFAIL && strpos($event->params['problem'], '/TaskHandlerClass is not known') !== false, 'a task that does not');
$calls();
$run = new kDBItem(['Id' => 9, 'TaskQueueId' => '5', 'Attempt' => 0]);
(new SiteTaskRunHandler())->call('OnBeforeItemCreate', new kEvent($run));
check($run->fields['Attempt'] === 3 && $run->fields['OpenTaskQueueId'] === 5, json_encode($run->fields));
(new SiteTaskRunHandler())->call('OnAfterItemUpdate', new kEvent($run));
check($calls() === ['event task-run:OnBeforeItemCreate --id 5', 'event task-run:OnAfterItemUpdate --id 5'], 'by the Id of the task');
$runner = new kDBItem(['Id' => 4, 'ProcessId' => 0, 'Status' => 'running']);
(new SiteTaskRunnerHandler())->call('OnBeforeItemCreate', new kEvent($runner));
$ticks = (int)shell_exec("awk '{print $22}' /proc/" . getmypid() . '/stat');
check($runner->fields['ProcessId'] === getmypid() && $runner->fields['ProcessStartTicks'] === $ticks && $runner->fields['BootId'] !== '', json_encode($runner->fields));
foreach ([['running', 'timeout', 1], ['timeout', 'timeout', 0], ['running', 'success', 0]] as [$before, $after, $times]) {
    (new SiteTaskRunnerHandler())->call('OnAfterItemUpdate', new kEvent(new kDBItem(['Id' => 4, 'Status' => $after], ['Status' => $before])));
    check($calls() === array_fill(0, $times, 'event task-runner:OnAfterItemUpdate --id 4'), "from $before to $after");
}

foreach (['/nonexistent/taskqueue', "$directory/secret", 'no-program-of-this-name'] as $broken) {
    try {
        Events::overCommandLine($broken, '/etc/x.ini')->trigger('task-queue:OnProcess');
        check(false, "$broken cannot be started");
    } catch (RuntimeException $problem) {
        check(strpos($problem->getMessage(), 'cannot be started') !== false, $problem->getMessage());
    }
}
try {
    SiteQueueHandler::$site['Events']->trigger('task-queue:OnProcess; rm -rf /');
    check(false, 'an event that there is not');
} catch (InvalidArgumentException $problem) {
    check(strpos($problem->getMessage(), 'there is no event') === 0, $problem->getMessage());
}

// Opening the pages passes on the signed-in user, with the role from the permissions.
file_put_contents("$directory/secret", str_repeat('s', 64));
chmod("$directory/secret", 0600);
final class FakeApplication
{
    public $rights = [];

    public function RecallVar($name)
    {
        return $name === 'user_id' ? 7 : null;
    }

    public function recallObject($name)
    {
        return new class {
            public function GetDBField($name)
            {
                return $name === 'Login' ? 'ada' : null;
            }
        };
    }

    public function CheckPermission($name, $type)
    {
        return in_array($name, $this->rights, true);
    }
}
$handler->Application = new FakeApplication();
foreach (['viewer' => null, 'operator' => 'in-portal:task_queues.advanced:operate', 'admin' => 'in-portal:task_queues.advanced:administer'] as $role => $right) {
    $handler->Application->rights = [$right];
    $event = $handler->call('OnOpen', new kEvent());
    check(strpos((string)$event->redirect, 'external:/taskqueue/sign-in?token=') === 0, "a link: {$event->redirect}");
    $claims = json_decode(base64_decode(strtr(explode('.', substr($event->redirect, strlen('external:/taskqueue/sign-in?token=')))[0], '-_', '+/')), true);
    check($claims['User'] === 'ada' && $claims['Role'] === $role && $claims['ExpiresOn'] <= time() + 60, "as $role");
}
chmod("$directory/secret", 0644);
check($handler->call('OnOpen', new kEvent())->status === kEvent::erFAIL, 'no link without a secret of our own');
echo "ok\n";
