#include "module/queue/schedule/local_time.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace taskqueue {

std::string localTimeText(UnixSeconds instant, std::string_view timeZone) {
  const auto zone = TimeZone::find(timeZone);
  const UnixSeconds offset = zone ? zone->periodAt(instant).offset : 0;
  const std::chrono::sys_seconds local{std::chrono::seconds(instant + offset)};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(local - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d%c%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()), offset < 0 ? '-' : '+',
                static_cast<int>(std::abs(offset) / 3600), static_cast<int>(std::abs(offset) / 60 % 60));
  return text;
}

}  // namespace taskqueue
