#include "module/queue/cancel_request.h"

namespace taskqueue {

void applyCancelRequest(RunEnd& end) {
  if (!isFailure(end.status)) return;
  end.status = RunStatus::Cancelled;
  end.giveUp = true;
}

RunEnd toCancelledEnd(const RunRelease& release) {
  RunEnd end;
  end.owned = release.owned;
  end.status = RunStatus::Cancelled;
  end.errorCode = "cancelled";
  end.errorMessage = "The run was stopped because its task was cancelled.";
  end.hadLiveOutput = true;  // unknown here, so the store looks for live output
  return end;
}

}  // namespace taskqueue
