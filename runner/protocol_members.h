// The members that each message of a worker may have, and their values. A message with any other member
// breaks the protocol. runner/PROTOCOL.md has the same list for authors of workers.
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
  json::NumberDomain domain{};  // range of a number
  bool isNeeded = false;
  bool isSecret = false;  // errors do not quote its value
};

// The largest number of milliseconds or kilobytes in a report. Every JSON library keeps it exact.
inline constexpr std::int64_t kMaxReported = (1LL << 53) - 1;

// Progress is shown in whole percents and is never ahead of the work.
inline constexpr json::NumberDomain kPercents{0, 100, json::Fraction::RoundsDown};
// A wait is never shorter than requested.
inline constexpr json::NumberDomain kDelaySeconds{0, 366LL * 86400, json::Fraction::RoundsUp};
inline constexpr json::NumberDomain kResourceUse{0, kMaxReported, json::Fraction::RoundsDown};
inline constexpr json::NumberDomain kVersions{1, 1000, json::Fraction::RoundsDown};

// Returns the members of this message type besides `type`. Returns nothing for an unknown type.
std::optional<std::span<const Member>> membersOf(std::string_view type);

// Returns what is wrong with the message and names the member; returns nothing if the message is valid. A
// member that is null counts as left out.
std::optional<std::string> findMembersProblem(const json::Value& message, std::span<const Member> members);

// Returns the name of the member whose value is not JSON, such as NaN; empty if there is none.
std::string_view memberWithoutValue(std::string_view line);

}  // namespace taskqueue::runner
