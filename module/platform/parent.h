#pragma once

namespace taskqueue::platform {

// From now on this process gets SIGTERM when the process that started it dies. For what supervisord runs: a
// supervisord that was killed must leave nothing running beside what the next one starts.
void endWithParent();

}  // namespace taskqueue::platform
