// The members of what a worker says, and what each may hold. A message with anything else breaks the
// protocol. runner/PROTOCOL.md has the same list for those who write workers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "module/json/number.h"
#include "module/json/read.h"

namespace taskqueue::runner {

enum class MemberKind { Text, Number, Boolean, List, Any };

struct Member {
  std::string_view name;
  MemberKind kind = MemberKind::Any;
  json::NumberDomain domain{};  // of a number
  bool isNeeded = false;
  bool isSecret = false;  // no error quotes it
};

// The most milliseconds and kilobytes that a worker can tell: what every JSON library keeps exactly.
inline constexpr std::int64_t kMaxReported = (1LL << 53) - 1;

// Progress is shown in whole percents and never ahead of the work.
inline constexpr json::NumberDomain kPercents{0, 100, json::Fraction::RoundsDown};
// No wait is shorter than asked.
inline constexpr json::NumberDomain kDelaySeconds{0, 366LL * 86400, json::Fraction::RoundsUp};
inline constexpr json::NumberDomain kResourceUse{0, kMaxReported, json::Fraction::RoundsDown};

// The members that a message of this type has besides `type`; nothing for an unknown type.
std::optional<std::span<const Member>> membersOf(std::string_view type);

// What is wrong with the message, naming the member; nothing: it fits. A member that is null counts as left
// out.
std::optional<std::string> findMembersProblem(const json::Value& message, std::span<const Member> members);

// The member whose value is no JSON, such as NaN; empty: there is none.
std::string_view memberWithoutValue(std::string_view line);

}  // namespace taskqueue::runner
