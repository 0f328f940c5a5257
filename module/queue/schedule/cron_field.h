// One field of a cron expression.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace taskqueue {

struct CronFieldKind {
  const char* name = "";  // in messages
  int least = 0;
  int most = 0;
  std::span<const std::string_view> names{};  // of least, least + 1, …
};

// A bit for each number that the field's text allows, or what is wrong with it, for the user.
std::variant<std::uint64_t, std::string> parseCronField(const CronFieldKind& kind, std::string_view text);

}  // namespace taskqueue
