// What becomes of a run that somebody wanted cancelled, and whose owner had not heard of it when it wrote. A
// pure rule, used by every store: an acknowledged cancel holds.
#pragma once

#include "module/queue/tick.h"

namespace taskqueue {

// A failure becomes `cancelled` and keeps what it says of itself; nothing is tried again. A success stays
// one.
void heedCancelWish(RunEnd& end);

// What is given back, to be run again, ends instead.
RunEnd endOfCancelled(const RunRelease& release);

}  // namespace taskqueue
