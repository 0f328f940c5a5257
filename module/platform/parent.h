#pragma once

namespace taskqueue::platform {

// Makes this process receive SIGTERM when its parent process dies. If the parent is already dead, it receives
// the signal at once; a new parent or unread output shows this. Programs of a killed supervisord must not run
// beside those of the next one.
void endWithParent();

}  // namespace taskqueue::platform
