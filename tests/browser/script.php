<?php
// The command of the handler Script: it runs "script" of TaskData with bash and exits like it. So a test can describe a run's
// output, its messages on descriptor 3 and its death in shell.
$data = json_decode(stream_get_contents(STDIN), true);
pcntl_exec('/bin/bash', ['-c', $data['script']]);
