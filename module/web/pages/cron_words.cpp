#include "module/web/pages/cron_words.h"

#include <array>
#include <cstdio>
#include <functional>
#include <vector>

#include "module/texts/marked.h"

namespace taskqueue::web {
namespace {

constexpr std::array kDays{marked("Sunday"),   marked("Monday"), marked("Tuesday"), marked("Wednesday"),
                           marked("Thursday"), marked("Friday"), marked("Saturday")};
constexpr std::array kMonths{marked("January"),   marked("February"), marked("March"),    marked("April"),
                             marked("May"),       marked("June"),     marked("July"),     marked("August"),
                             marked("September"), marked("October"),  marked("November"), marked("December")};
constexpr int kMinutes = 60;
constexpr int kHours = 24;

// Returns the numbers from `first` to `last` whose bits are set.
std::vector<int> numbersOf(std::uint64_t bits, int first, int last) {
  std::vector<int> numbers;
  for (int i = first; i <= last; ++i) {
    if ((bits >> i & 1U) != 0) numbers.push_back(i);
  }
  return numbers;
}

// Joins the numbers; three or more in a row become a range, such as "1–5, 7".
std::string listOf(const std::vector<int>& numbers, const std::function<std::string(int)>& name) {
  constexpr std::size_t kShortestRange = 3;
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    const bool isRange = end - i >= kShortestRange;
    text += (text.empty() ? "" : ", ") + name(numbers[i]);
    if (isRange) text += "–" + name(numbers[end - 1]);
    i = isRange ? end : i + 1;
  }
  return text;
}

std::string digitsOf(int number) {
  return std::to_string(number);
}

// Returns the step if the numbers are all its multiples below `count`, otherwise 0.
int stepOf(const std::vector<int>& numbers, int count) {
  const int step = numbers.size() > 1 ? numbers[1] : 0;
  if (step == 0 || count % step != 0 || static_cast<int>(numbers.size()) != count / step) return 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<int>(i) * step) return 0;
  }
  return step;
}

std::string clockTimes(const std::vector<int>& hours, const std::vector<int>& minutes) {
  std::string text;
  for (const int hour : hours) {
    for (const int minute : minutes) {
      char one[8];
      std::snprintf(one, sizeof one, "%02d:%02d", hour, minute);
      text += (text.empty() ? "" : ", ") + std::string(one);
    }
  }
  return text;
}

std::string minutesText(const std::vector<int>& minutes, const Texts& say) {
  const int step = stepOf(minutes, kMinutes);
  if (step == 1) return say.text("Every minute");
  if (step > 1) return say.plural("Every %1 minute", "Every %1 minutes", step);
  return say.text("At minute %1 of each hour", {listOf(minutes, digitsOf)});
}

std::string timesText(const CronExpression::Fields& fields, const Texts& say) {
  constexpr std::size_t kMostTimes = 8;  // more are said by their hours and minutes
  const auto minutes = numbersOf(fields.minutes, 0, kMinutes - 1);
  const auto hours = numbersOf(fields.hours, 0, kHours - 1);
  if (hours.size() < kHours && minutes.size() * hours.size() <= kMostTimes)
    return say.text("At %1", {clockTimes(hours, minutes)});
  if (hours.size() == kHours) return minutesText(minutes, say);
  const int step = stepOf(hours, kHours);
  if (step > 1 && minutes.size() == 1)
    return say.plural("Every %1 hour, at minute %2", "Every %1 hours, at minute %2", step,
                      {std::to_string(minutes.front())});
  return say.text("%1, in the hours %2", {minutesText(minutes, say), listOf(hours, digitsOf)});
}

std::string daysText(const CronExpression::Fields& fields, const Texts& say) {
  constexpr int kWeek = 7;
  constexpr int kLongestMonth = 31;
  const auto ofMonth = numbersOf(fields.daysOfMonth, 1, kLongestMonth);
  auto ofWeek = numbersOf(fields.daysOfWeek, 0, kWeek - 1);
  const bool anyOfMonth = ofMonth.size() == kLongestMonth;
  const bool anyOfWeek = ofWeek.size() == kWeek;
  // A week that is said begins on Monday.
  if (!ofWeek.empty() && ofWeek.front() == 0 && !anyOfWeek) {
    ofWeek.erase(ofWeek.begin());
    ofWeek.push_back(kWeek);
  }
  const std::string week =
      listOf(ofWeek, [&](int day) { return say.text(kDays.at(static_cast<std::size_t>(day % kWeek))); });
  const std::string month = say.text("days %1 of the month", {listOf(ofMonth, digitsOf)});
  if (anyOfMonth && anyOfWeek) return say.text("every day");
  if (anyOfMonth) return week;
  if (anyOfWeek) return month;
  return fields.eitherDay ? say.text("%1 and also each %2", {month, week})
                          : say.text("%1, only if one is a %2", {month, week});
}

}  // namespace

std::string cronInWords(const CronExpression& expression, const Texts& say) {
  const CronExpression::Fields& fields = expression.fields();
  const auto hours = numbersOf(fields.hours, 0, kHours - 1);
  const auto months = numbersOf(fields.months, 1, static_cast<int>(kMonths.size()));
  std::string text = timesText(fields, say);
  const std::string days = daysText(fields, say);
  const bool isWholeDay = hours.size() == kHours && days == say.text("every day");
  if (!isWholeDay) text += ", " + days;
  if (months.size() == kMonths.size()) return text;
  return text + ", " + listOf(months, [&](int month) {
           return say.text(kMonths.at(static_cast<std::size_t>(month - 1)));
         });
}

}  // namespace taskqueue::web
