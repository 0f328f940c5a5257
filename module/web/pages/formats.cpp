#include "module/web/pages/formats.h"
#include "module/queue/time_units.h"

#include <array>
#include <ctime>

namespace taskqueue::web {
namespace {

std::string formatted(UnixSeconds time, const char* format) {
  const std::time_t seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), format, &parts);
  return text.data();
}

}  // namespace

std::string timeText(const std::optional<UnixSeconds>& time) {
  return time ? formatted(*time, "%Y-%m-%d %H:%M:%S UTC") : "—";
}

std::string fieldTime(const std::optional<UnixSeconds>& time) {
  if (!time) return "";
  const bool isWholeMinute = *time % kMinuteSeconds == 0;
  return formatted(*time, isWholeMinute ? "%Y-%m-%dT%H:%M" : "%Y-%m-%dT%H:%M:%S");
}

void setTime(kainjow::mustache::data& to, const std::string& name, const std::optional<UnixSeconds>& time) {
  if (!time) return;
  kainjow::mustache::data one;
  one.set("iso", formatted(*time, "%Y-%m-%dT%H:%M:%SZ"));
  one.set("exact", timeText(time));
  to.set(name, one);
}

std::string durationText(const std::optional<std::int64_t>& milliseconds) {
  if (!milliseconds) return "—";
  const bool isWhole = *milliseconds > 0 && *milliseconds % 1000 == 0;  // true for an age in seconds
  if (*milliseconds < 10000 && !isWhole) return std::to_string(*milliseconds) + " ms";
  const std::int64_t seconds = *milliseconds / 1000;
  const auto both = [](std::int64_t large, const char* unit, std::int64_t small, const char* smaller) {
    return std::to_string(large) + " " + unit +
           (small > 0 ? " " + std::to_string(small) + " " + smaller : "");
  };
  if (seconds < kMinuteSeconds) return std::to_string(seconds) + " s";
  if (seconds < kHourSeconds) return both(seconds / kMinuteSeconds, "min", seconds % kMinuteSeconds, "s");
  if (seconds < kDaySeconds)
    return both(seconds / kHourSeconds, "h", seconds % kHourSeconds / kMinuteSeconds, "min");
  return both(seconds / kDaySeconds, "d", seconds % kDaySeconds / kHourSeconds, "h");
}

std::string orDash(const std::string& text) {
  return text.empty() ? "—" : text;
}

std::string bytesText(std::int64_t bytes) {
  constexpr std::int64_t kKibi = 1024;
  if (bytes < 10 * kKibi) return std::to_string(bytes) + " B";
  if (bytes < 10 * kKibi * kKibi) return std::to_string(bytes / kKibi) + " KiB";
  return std::to_string(bytes / kKibi / kKibi) + " MiB";
}

std::string countText(const BoundedCount& count, const Texts& texts) {
  return (count.more ? "> " : "") + texts.number(count.value);
}

std::string statusText(std::string_view word, const Texts& texts) {
  if (word == "scheduled") return texts.text("scheduled");
  if (word == "running") return texts.text("running");
  if (word == "success") return texts.text("success");
  if (word == "error") return texts.text("error");
  if (word == "timeout") return texts.text("timeout");
  if (word == "cancelled") return texts.text("cancelled");
  if (word == "ok") return texts.text("ok");
  if (word == "warning") return texts.text("warning");
  if (word == "failed") return texts.text("failed");
  if (word == "paused") return texts.text("paused");
  if (word == "open") return texts.text("working");
  if (word == "unserved") return texts.text("no runner");
  if (word == "draining") return texts.text("draining");
  if (word == "stopping") return texts.text("stopping");
  return std::string(word);
}

void setStatus(kainjow::mustache::data& to, std::string_view word, const Texts& texts) {
  to.set("status", std::string(word));
  to.set("statusText", statusText(word, texts));
}

}  // namespace taskqueue::web
