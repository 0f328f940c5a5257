#include "module/queue/cancel_wish.h"

namespace taskqueue {

void heedCancelWish(RunEnd& end) {
  if (!isFailure(end.status)) return;
  end.status = RunStatus::Cancelled;
  end.giveUp = true;
}

RunEnd endOfCancelled(const RunRelease& release) {
  RunEnd end;
  end.owned = release.owned;
  end.status = RunStatus::Cancelled;
  end.errorCode = "cancelled";
  end.errorMessage = "The run was stopped because its task was cancelled.";
  end.hadLiveOutput = true;  // unknown here, so the store looks for live output
  return end;
}

}  // namespace taskqueue
