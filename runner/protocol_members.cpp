#include "runner/protocol_members.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "module/queue/utf8_text.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::runner {
namespace {

static_assert(kDelaySeconds.max == handlers::kMaxDelay.count());

constexpr Member kRunToken{"RunToken", MemberKind::Text};
constexpr Member kResults{"Results", MemberKind::Any};
constexpr Member kLast{"last", MemberKind::Boolean};
constexpr Member kRecycle{"recycle", MemberKind::Boolean};
constexpr Member kUserCpuMs{"UserCpuMs", MemberKind::Number, kResourceUse};
constexpr Member kSystemCpuMs{"SystemCpuMs", MemberKind::Number, kResourceUse};
constexpr Member kMaxRssKb{"MaxRssKb", MemberKind::Number, kResourceUse};
constexpr Member kRunMicroseconds{"RunMicroseconds", MemberKind::Number, kResourceUse};
constexpr Member kNext{"next", MemberKind::Boolean};
constexpr Member kErrorCode{"ErrorCode", MemberKind::Text};
constexpr Member kErrorMessage{"ErrorMessage", MemberKind::Text};
constexpr Member kSeconds{"Seconds", MemberKind::Number, kDelaySeconds, true};

constexpr std::array kHandlers{Member{"handlers", MemberKind::List, {}, true},
                               Member{"protocol", MemberKind::Number, kVersions}};
constexpr std::array kRefused{Member{"Problem", MemberKind::Text}, Member{"watches", MemberKind::Boolean}};
constexpr std::array<Member, 0> kNone{};
constexpr std::array kProgress{Member{"PercentsCompleted", MemberKind::Number, kPercents},
                               Member{"ProgressNote", MemberKind::Text}, kRunToken};
constexpr std::array kMask{Member{"Value", MemberKind::Text, {}, true, true}, kRunToken};
constexpr std::array kResult{kResults,  kRunToken,        kLast, kRecycle, kUserCpuMs, kSystemCpuMs,
                             kMaxRssKb, kRunMicroseconds, kNext};
constexpr std::array kError{kErrorCode, kErrorMessage, kResults,  kRunToken,        kLast, kRecycle,
                            kUserCpuMs, kSystemCpuMs,  kMaxRssKb, kRunMicroseconds, kNext};
constexpr std::array kRetryAfter{kSeconds, kErrorCode, kErrorMessage, kResults,  kRunToken,        kLast,
                                 kRecycle, kUserCpuMs, kSystemCpuMs,  kMaxRssKb, kRunMicroseconds, kNext};
constexpr std::array kSnooze{kSeconds,     kResults,  kRunToken,        kLast, kRecycle, kUserCpuMs,
                             kSystemCpuMs, kMaxRssKb, kRunMicroseconds, kNext};

constexpr std::array<std::pair<std::string_view, std::span<const Member>>, 10> kMessages{{
    {"handlers", kHandlers},
    {"refused", kRefused},
    {"recycle", kNone},
    {"progress", kProgress},
    {"mask", kMask},
    {"result", kResult},
    {"error", kError},
    {"retry_after", kRetryAfter},
    {"give_up", kError},
    {"snooze", kSnooze},
}};

// Returns the sender's value, cut to 60 bytes.
std::string makeExcerpt(const json::Value& value) {
  constexpr std::size_t kShownBytes = 60;
  if (value.IsObject()) return "an object";
  if (value.IsArray()) return "a list";
  const std::string text = json::write(value);
  return text.size() <= kShownBytes ? text : std::string(cutAtCharacter(text, kShownBytes)) + "…";
}

bool fits(const json::Value& value, const Member& member) {
  switch (member.kind) {
    case MemberKind::Text:
      return value.IsString();
    case MemberKind::Number:
      return json::readNumber(value, member.domain).has_value();
    case MemberKind::Boolean:
      return value.IsBool();
    case MemberKind::List:
      return value.IsArray();
    case MemberKind::Any:
      return true;
  }
  return true;
}

std::string describeRule(const Member& member) {
  switch (member.kind) {
    case MemberKind::Text:
      return "must be a string";
    case MemberKind::Number:
      return json::describeRule(member.domain);
    case MemberKind::Boolean:
      return "must be true or false";
    case MemberKind::List:
      return "must be a list";
    case MemberKind::Any:
      return "may be anything";
  }
  return "";
}

std::string unknown(std::string_view name, std::span<const Member> members) {
  constexpr std::size_t kShownBytes = 60;
  if (members.empty())
    return "this message has no members, and not \"" + std::string(cutAtCharacter(name, kShownBytes)) + "\"";
  std::string known;
  for (const Member& member : members) known.append(known.empty() ? "" : ", ").append(member.name);
  return "there is no member \"" + std::string(cutAtCharacter(name, kShownBytes)) +
         "\" in this message; known are " + known;
}

bool isValue(std::string_view word) {
  return std::holds_alternative<json::Document>(json::read(word, {}));
}

}  // namespace

std::optional<std::span<const Member>> membersOf(std::string_view type) {
  for (const auto& [word, members] : kMessages) {
    if (word == type) return members;
  }
  return std::nullopt;
}

std::optional<std::string> findMembersProblem(const json::Value& message, std::span<const Member> members) {
  for (const auto& given : message.GetObject()) {
    const std::string_view name = json::textOf(given.name);
    if (name == "type") continue;
    const auto member = std::find_if(members.begin(), members.end(),
                                     [name](const Member& known) { return known.name == name; });
    if (member == members.end()) return unknown(name, members);
    if (given.value.IsNull() || fits(given.value, *member)) continue;
    const std::string rule = std::string(name) + " " + describeRule(*member);
    return member->isSecret ? rule : rule + ", not " + makeExcerpt(given.value);
  }
  for (const Member& member : members) {
    const auto found = message.FindMember(std::string(member.name).c_str());
    const bool isThere = found != message.MemberEnd() && !found->value.IsNull();
    if (member.isNeeded && !isThere)
      return std::string(member.name) + " is missing; it " + describeRule(member);
  }
  return std::nullopt;
}

// The last string that is a name or a value.
std::string_view memberWithoutValue(std::string_view line) {
  std::string_view last;
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == '"') {
      std::size_t end = at + 1;
      while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
      if (end >= line.size()) return {};
      last = line.substr(at + 1, end - at - 1);
      at = end + 1;
      continue;
    }
    if (std::string_view(" \t\r\n,:{}[]").find(line[at]) != std::string_view::npos) {
      ++at;
      continue;
    }
    const std::size_t end = std::min(line.find_first_of(" \t\r\n,:{}[]\"", at), line.size());
    if (!isValue(line.substr(at, end - at))) return last;
    at = end;
  }
  return {};
}

}  // namespace taskqueue::runner
