<?php
// What the tests of the bridges ask of a real stack: how tasks end, and what the pages show of them.

final class WatchedQueue
{
    private const SECONDS = 60;

    /** @var PDO */
    private $pdo;
    /** @var string */
    private $prefix;

    public function __construct()
    {
        $this->pdo = connect();
        $this->prefix = getenv('TABLE_PREFIX');
        $file = getenv('HOME_DIR') . '/handlers/site.json';
        file_put_contents($file, json_encode(['unix_socket' => getenv('DB_SOCKET'), 'dbname' => getenv('DB_NAME'), 'user' => getenv('DB_USER'),
            'password' => getenv('DB_PASSWORD'), 'charset' => 'utf8mb4']));
        chmod($file, 0644);
    }

    public function task(int $id): array
    {
        return $this->pdo->query("SELECT * FROM {$this->prefix}TaskQueue WHERE Id = $id")->fetch(PDO::FETCH_ASSOC);
    }

    /** Returns the task once it has this status for good, with its newest run as Run. */
    public function ended(int $id, string $status): array
    {
        for ($end = microtime(true) + self::SECONDS; microtime(true) < $end; usleep(20000)) {
            $task = $this->task($id);
            if ($task['NextRunOn'] === null && !in_array($task['LastStatus'], ['running', 'scheduled'], true)) {
                break;
            }
        }
        $task['Run'] = $this->pdo->query("SELECT * FROM {$this->prefix}TaskRuns WHERE TaskQueueId = $id ORDER BY Id DESC LIMIT 1")->fetch(PDO::FETCH_ASSOC);
        $shown = json_encode(array_diff_key($task, ['TaskData' => 1]));
        check($task['LastStatus'] === $status && $task['NextRunOn'] === null, "task $id ends as $status: $shown");
        return $task;
    }

    /** Returns the Id of the newest task whose TaskData has this part. */
    public function newest(string $part): int
    {
        $statement = $this->pdo->prepare("SELECT MAX(Id) FROM {$this->prefix}TaskQueue WHERE INSTR(TaskData, ?) > 0");
        $statement->execute([$part]);
        return (int)$statement->fetchColumn();
    }

    /** Returns the text of a page, as an administrator sees it. */
    public function page(string $path): string
    {
        $context = stream_context_create(['http' => ['header' => 'Authorization: Basic '
            . base64_encode(getenv('ADMIN_USER') . ':' . getenv('ADMIN_PASSWORD'))]]);
        return html_entity_decode((string)file_get_contents(getenv('BASE_URL') . $path, false, $context), ENT_QUOTES);
    }

    public function output(int $runId, string $stream): string
    {
        $context = stream_context_create(['http' => ['header' => 'Authorization: Bearer ' . getenv('API_TOKEN')]]);
        $answer = (string)file_get_contents(getenv('BASE_URL') . "/api/v1/runs/$runId/output?stream=$stream", false, $context);
        return json_decode($answer, true)['Content'];
    }
}
