<?php
// The minimum of a PHP worker per run: it reads a line of JSON from descriptor 0, a socket, calls a new handler object and
// answers with a line.

final class BareNoop
{
    public function handleTaskRun(array $taskData)
    {
        return null;
    }
}

$socket = fopen('php://fd/0', 'r+');
while (($line = fgets($socket)) !== false) {
    $run = json_decode($line, true);
    $results = (new BareNoop())->handleTaskRun($run['TaskData']);
    fwrite($socket, json_encode(['type' => 'result', 'Id' => $run['Id'], 'Results' => $results]) . "\n");
}
