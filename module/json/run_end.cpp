#include "module/json/run_end.h"

#include <algorithm>

#include "module/queue/utf8_text.h"

namespace taskqueue::json {
namespace {

std::optional<std::string> optionalText(const Value& object, const char* name) {
  const auto text = textMember(object, name);
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

std::optional<int> optionalNumber(const Value& object, const char* name) {
  const auto number = integerMember(object, name);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

CapturedText capturedText(const Value& object, const char* kept, const char* total, const char* dropped) {
  return {optionalText(object, kept).value_or(""), integerMember(object, total).value_or(0),
          integerMember(object, dropped).value_or(0)};
}

}  // namespace

std::string cutTo(std::string_view text, std::size_t bytes) {
  constexpr std::string_view kMark = "…";
  if (text.size() <= bytes) return std::string(text);
  return std::string(cutAtCharacter(text, bytes - kMark.size())).append(kMark);
}

Writer& beginOwned(Writer& to, const RunOwnership& owned) {
  return to.startObject().member("r", owned.runId).member("q", owned.taskQueueId).member("k", owned.runToken);
}

void writeRunEnd(Writer& to, const RunEnd& end) {
  beginOwned(to, end.owned).member("s", toString(end.status)).member("rs", end.results);
  to.member("ec", cutTo(end.errorCode, kShortTextBytes));
  to.member("em", cutTo(end.errorMessage, kStoredErrorBytes));
  to.member("p", std::clamp(end.percentsCompleted, 0, 100));
  to.member("n", cutTo(end.progressNote, kShortTextBytes));
  to.member("ms", end.runMs).member("xs", end.use.exitStatus).member("xg", end.use.exitSignal);
  to.member("uc", end.use.userCpuMs).member("sc", end.use.systemCpuMs).member("rss", end.use.maxRssKb);
  to.member("so", end.standardOutput.kept).member("sob", end.standardOutput.totalBytes);
  to.member("sod", end.standardOutput.droppedBytes);
  to.member("eo", end.errorOutput.kept).member("eob", end.errorOutput.totalBytes);
  to.member("eod", end.errorOutput.droppedBytes).member("lo", end.hadLiveOutput ? 1 : 0);
  to.member("f", isFailure(end.status) ? 1 : 0).member("g", end.giveUp ? 1 : 0);
  to.member("d", end.retryDelaySeconds).endObject();
}

std::optional<RunEnd> readRunEnd(const Value& object) {
  if (!object.IsObject()) return std::nullopt;
  const auto runId = optionalNumber(object, "r");
  const auto taskQueueId = optionalNumber(object, "q");
  const auto token = optionalText(object, "k");
  const auto status = parseRunStatus(optionalText(object, "s").value_or(""));
  if (!runId || !taskQueueId || !token || !status) return std::nullopt;
  RunEnd end;
  end.owned = {*runId, *taskQueueId, *token};
  end.status = *status;
  end.results = optionalText(object, "rs");
  end.errorCode = optionalText(object, "ec").value_or("");
  end.errorMessage = optionalText(object, "em").value_or("");
  end.percentsCompleted = optionalNumber(object, "p").value_or(0);
  end.progressNote = optionalText(object, "n").value_or("");
  end.runMs = integerMember(object, "ms");
  end.use = {optionalNumber(object, "xs"), optionalNumber(object, "xg"), integerMember(object, "uc"),
             integerMember(object, "sc"), integerMember(object, "rss")};
  end.standardOutput = capturedText(object, "so", "sob", "sod");
  end.errorOutput = capturedText(object, "eo", "eob", "eod");
  end.hadLiveOutput = optionalNumber(object, "lo") == 1;
  end.giveUp = optionalNumber(object, "g") == 1;
  end.retryDelaySeconds = integerMember(object, "d").value_or(0);
  return end;
}

}  // namespace taskqueue::json
