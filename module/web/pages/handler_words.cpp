#include "module/web/pages/handler_words.h"

#include <vector>

#include "module/queue/waiting.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

std::string secondsText(int seconds) {
  return durationText(std::int64_t{seconds} * 1000);
}

}  // namespace

std::string successRate(const MinuteStats& sums) {
  const std::int64_t counted = sums.succeeded + sums.failed;
  if (counted == 0) return "—";
  const std::int64_t tenths = 1000 * sums.succeeded / counted;
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " %";
}

std::string retriesText(const HandlerSettings& settings, const Texts& say) {
  std::vector<std::string> parts;
  if (settings.maxRetries > 0) parts.push_back(say.plural("%1 try", "%1 tries", settings.maxRetries));
  if (!settings.retryDelays.empty()) {
    for (const int seconds : settings.retryDelays) parts.push_back(secondsText(seconds));
  } else if (settings.retryDelaySeconds) {
    parts.push_back(say.text("%1, doubling", {secondsText(*settings.retryDelaySeconds)}));
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " · ") + part;
  return orDash(text);
}

std::string kindText(const std::string& kind, const Texts& say) {
  if (kind == "cpp") return "C++";
  if (kind == "php") return "PHP";
  return kind == "command" ? say.text("command") : kind;
}

std::string runnersText(const HandlerDeclaration& handler, const Texts& say) {
  return handler.offeredUntil ? say.text("no runner since %1", {utcText(*handler.offeredUntil)})
                              : say.plural("on %1 runner", "on %1 runners", handler.liveRunners);
}

std::string limitText(int limit, const Texts& say) {
  return limit == 0 ? say.text("unlimited") : say.number(limit);
}

}  // namespace taskqueue::web
