<?php
// The command behind the handler Script: runs TaskData's "script" with bash and ends as it does. Whatever a test wants a
// run to write, say on descriptor 3 or die of is a line of shell.
$data = json_decode(stream_get_contents(STDIN), true);
pcntl_exec('/bin/bash', ['-c', $data['script']]);
