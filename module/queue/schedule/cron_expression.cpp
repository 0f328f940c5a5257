#include "module/queue/schedule/cron_expression.h"
#include "module/queue/time_units.h"

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "module/queue/schedule/cron_field.h"

namespace taskqueue {
namespace {

constexpr int kMinutesOfDay = 1440;
constexpr std::size_t kMaxBytes = 255;  // size of the column CronExpression

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

const std::array<CronFieldKind, 5> kFields{{{"minute", 0, 59, {}},
                                            {"hour", 0, 23, {}},
                                            {"day of month", 1, 31, {}},
                                            {"month", 1, 12, kMonths},
                                            {"day of week", 0, 7, kDays}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNicknames{
    {{"@hourly", "0 * * * *"},
     {"@daily", "0 0 * * *"},
     {"@midnight", "0 0 * * *"},
     {"@weekly", "0 0 * * 0"},
     {"@monthly", "0 0 1 * *"},
     {"@yearly", "0 0 1 1 *"},
     {"@annually", "0 0 1 1 *"}}};

std::vector<std::string_view> wordsOf(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const auto end = text.find_first_of(kBlanks);
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end);
  }
}

bool hasBit(std::uint64_t bits, unsigned value) {
  return (bits >> value & 1) != 0;
}

}  // namespace

std::variant<CronExpression, std::string> CronExpression::parse(std::string_view text) {
  if (text.size() > kMaxBytes) return "must not be longer than " + std::to_string(kMaxBytes) + " bytes";
  auto words = wordsOf(text);
  if (words.size() == 1 && words.front().starts_with('@')) {
    std::string_view meant;
    for (const auto& [nickname, expression] : kNicknames) {
      if (nickname == words.front()) meant = expression;
    }
    if (meant.empty()) {
      return std::string(
          "is no such word; there are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually");
    }
    words = wordsOf(meant);
  }
  if (words.size() != kFields.size()) {
    return "must have five fields, minute, hour, day of month, month and day of week, or one word such as "
           "@daily; it has " +
           std::to_string(words.size());
  }
  std::array<std::uint64_t, kFields.size()> bits{};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const auto parsed = parseCronField(kFields[i], words[i]);
    if (const auto* problem = std::get_if<std::string>(&parsed)) return *problem;
    bits[i] = std::get<std::uint64_t>(parsed);
  }
  CronExpression expression;
  expression.fields_.minutes = bits[0];
  expression.fields_.hours = bits[1];
  expression.fields_.daysOfMonth = bits[2];
  expression.fields_.months = bits[3];
  constexpr unsigned kSundayAgain = 7;
  expression.fields_.daysOfWeek = bits[4] | (hasBit(bits[4], kSundayAgain) ? 1 : 0);
  expression.fields_.eitherDay = !words[2].starts_with('*') && !words[4].starts_with('*');
  expression.followsRealTime_ = words[0].starts_with('*') || words[1].starts_with('*');
  return expression;
}

bool CronExpression::matchesDay(unsigned month, unsigned dayOfMonth, unsigned dayOfWeek) const {
  if (!hasBit(fields_.months, month)) return false;
  const bool byMonth = hasBit(fields_.daysOfMonth, dayOfMonth);
  const bool byWeek = hasBit(fields_.daysOfWeek, dayOfWeek);
  return fields_.eitherDay ? byMonth || byWeek : byMonth && byWeek;
}

std::optional<int> CronExpression::firstMinute(int from) const {
  constexpr int kMinutesOfHour = 60;
  for (int minute = from; minute < kMinutesOfDay; ++minute) {
    const int hour = minute / kMinutesOfHour;
    if (!hasBit(fields_.hours, static_cast<unsigned>(hour))) {
      minute = (hour + 1) * kMinutesOfHour - 1;
    } else if (hasBit(fields_.minutes, static_cast<unsigned>(minute % kMinutesOfHour))) {
      return minute;
    }
  }
  return std::nullopt;
}

std::optional<WallSeconds> CronExpression::firstMatch(WallSeconds from, WallSeconds end) const {
  using std::chrono::days;
  using std::chrono::sys_days;
  const WallSeconds fromMinute = std::chrono::ceil<std::chrono::minutes>(std::chrono::seconds(from)).count();
  sys_days day{std::chrono::floor<days>(std::chrono::minutes(fromMinute))};
  int minute = static_cast<int>(fromMinute - WallSeconds{day.time_since_epoch().count()} * kMinutesOfDay);
  while (day.time_since_epoch().count() * kDaySeconds < end) {
    const std::chrono::year_month_day date(day);
    if (!hasBit(fields_.months, static_cast<unsigned>(date.month()))) {
      day = sys_days(date.year() / date.month() / std::chrono::last) + days(1);
      minute = 0;
      continue;
    }
    if (matchesDay(static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                   std::chrono::weekday(day).c_encoding())) {
      if (const auto found = firstMinute(minute)) {
        const WallSeconds at = day.time_since_epoch().count() * kDaySeconds + *found * kMinuteSeconds;
        return at < end ? std::optional(at) : std::nullopt;
      }
    }
    day += days(1);
    minute = 0;
  }
  return std::nullopt;
}

}  // namespace taskqueue
