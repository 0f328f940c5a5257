#include "module/platform/parent.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace taskqueue::platform {

namespace {

const pid_t parentAtStart = ::getppid();

}  // namespace

void endWithParent() {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  if (::getppid() != parentAtStart) ::raise(SIGTERM);  // it died before anybody listened
}

}  // namespace taskqueue::platform
