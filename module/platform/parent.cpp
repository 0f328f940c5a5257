#include "module/platform/parent.h"

#include <signal.h>
#include <sys/prctl.h>

namespace taskqueue::platform {

void endWithParent() {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
}

}  // namespace taskqueue::platform
