#include "module/web/pages/formats.h"

#include <array>
#include <ctime>

namespace taskqueue::web {

std::string timeText(const std::optional<UnixSeconds>& time) {
  if (!time) return "—";
  const std::time_t seconds = static_cast<std::time_t>(*time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text.data();
}

std::string durationText(const std::optional<std::int64_t>& milliseconds) {
  if (!milliseconds) return "—";
  if (*milliseconds < 10000) return std::to_string(*milliseconds) + " ms";
  const std::int64_t seconds = *milliseconds / 1000;
  if (seconds < 120) return std::to_string(seconds) + " s";
  return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
}

std::string bytesText(std::int64_t bytes) {
  return std::to_string(bytes) + " bytes";
}

}  // namespace taskqueue::web
