#include "module/platform/parent.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace taskqueue::platform {

namespace {

const pid_t parentAtStart = ::getppid();

// A pipe without a reader. Whoever dies before our first statement leaves no other trace: we have the parent
// then that we would have later on.
bool hasNoReader(int descriptor) {
  pollfd asked{descriptor, POLLOUT, 0};
  return ::poll(&asked, 1, 0) == 1 && (asked.revents & POLLERR) != 0;
}

}  // namespace

void endWithParent() {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  // It died before anybody listened. supervisord reads what its programs print.
  const bool isGone =
      ::getppid() != parentAtStart || hasNoReader(STDOUT_FILENO) || hasNoReader(STDERR_FILENO);
  if (isGone) ::raise(SIGTERM);
}

}  // namespace taskqueue::platform
