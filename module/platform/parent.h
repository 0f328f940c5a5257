#pragma once

namespace taskqueue::platform {

// From now on this process gets SIGTERM when the process that started it dies, and now when it is dead
// already (as far as that can be told: it has another parent since its start, or nobody reads what it
// prints). For what supervisord runs: a supervisord that was killed must leave nothing running beside what
// the next one starts.
void endWithParent();

}  // namespace taskqueue::platform
