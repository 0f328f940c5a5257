// Reads one field of a cron expression.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace taskqueue {

struct CronFieldKind {
  const char* name = "";  // the field's name in messages
  int min = 0;
  int max = 0;
  std::span<const std::string_view> names{};  // names of the numbers from `min` on
};

// Returns a bit set of the numbers that the field allows, or an error text for the user.
std::variant<std::uint64_t, std::string> parseCronField(const CronFieldKind& kind, std::string_view text);

}  // namespace taskqueue
