#include "module/platform/parent.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace taskqueue::platform {

namespace {

const pid_t parentAtStart = ::getppid();

// Returns whether a pipe has no reader. If the parent died before this program's first statement, only this
// shows it.
bool hasNoReader(int descriptor) {
  pollfd asked{descriptor, POLLOUT, 0};
  return ::poll(&asked, 1, 0) == 1 && (asked.revents & POLLERR) != 0;
}

}  // namespace

void endWithParent() {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  // The parent died before the signal was requested. supervisord reads the output of its programs.
  const bool isGone =
      ::getppid() != parentAtStart || hasNoReader(STDOUT_FILENO) || hasNoReader(STDERR_FILENO);
  if (isGone) ::raise(SIGTERM);
}

}  // namespace taskqueue::platform
