// Cron expressions: which are accepted, which are rejected with which message, and which minutes match.
#include "module/queue/schedule/cron_expression.h"

#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <vector>

namespace taskqueue {
namespace {

using namespace std::chrono;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CronExpression cron(const std::string& text) {
  const auto parsed = CronExpression::parse(text);
  if (const auto* problem = std::get_if<std::string>(&parsed)) throw std::logic_error(text + ": " + *problem);
  return std::get<CronExpression>(parsed);
}

std::string findProblem(const std::string& text) {
  const auto parsed = CronExpression::parse(text);
  const auto* problem = std::get_if<std::string>(&parsed);
  return problem == nullptr ? "" : *problem;
}

WallSeconds wall(year_month_day date, hours hour = 0h, minutes minute = 0min) {
  return seconds(sys_days(date).time_since_epoch() + hour + minute).count();
}

// Returns the first `count` matches from that time on, as "MM-DD HH:MM".
std::vector<std::string> matches(const std::string& text, WallSeconds from, int count) {
  constexpr WallSeconds kYears = 10LL * 366 * 86400;
  std::vector<std::string> found;
  const CronExpression expression = cron(text);
  const WallSeconds end = from + kYears;
  for (auto at = expression.firstMatch(from, end); at && count > 0; --count) {
    const sys_seconds when{seconds(*at)};
    const year_month_day date(floor<days>(when));
    const hh_mm_ss time(when - floor<days>(when));
    char line[32];
    std::snprintf(line, sizeof line, "%02u-%02u %02d:%02d", static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()));
    found.emplace_back(line);
    at = expression.firstMatch(*at + 1, end);
  }
  return found;
}

const WallSeconds kNewYear = wall(2026y / 1 / 1);  // a Thursday

TEST(CronExpression, EachKindOfItemMatchesItsMinutes) {
  EXPECT_THAT(matches("5 4 * * *", kNewYear, 2), ElementsAre("01-01 04:05", "01-02 04:05"));
  EXPECT_THAT(matches("*/20 * * * *", kNewYear, 4),
              ElementsAre("01-01 00:00", "01-01 00:20", "01-01 00:40", "01-01 01:00"));
  EXPECT_THAT(matches("10-30/10,59 23 * * *", kNewYear, 4),
              ElementsAre("01-01 23:10", "01-01 23:20", "01-01 23:30", "01-01 23:59"));
  EXPECT_THAT(matches("50/5 0 * * *", kNewYear, 3), ElementsAre("01-01 00:50", "01-01 00:55", "01-02 00:50"));
  EXPECT_THAT(matches("0 0 1 feb,Jul *", kNewYear, 2), ElementsAre("02-01 00:00", "07-01 00:00"));
  EXPECT_THAT(matches("0 9 * * MON-fri", kNewYear, 3),
              ElementsAre("01-01 09:00", "01-02 09:00", "01-05 09:00"));
  EXPECT_THAT(matches("0 0 * * 7", kNewYear, 1), matches("0 0 * * 0", kNewYear, 1));
  EXPECT_THAT(matches("0 0 * * 5-7", kNewYear, 3), ElementsAre("01-02 00:00", "01-03 00:00", "01-04 00:00"));
  EXPECT_THAT(matches(" 0\t0  1 1 * ", kNewYear, 1), ElementsAre("01-01 00:00"));
}

// Vixie cron steps from the first number of the range while it stays within the range.
TEST(CronExpression, AStepLongerThanItsRangeLeavesTheFirstNumber) {
  EXPECT_THAT(matches("*/60 * * * *", kNewYear, 2), ElementsAre("01-01 00:00", "01-01 01:00"));
  EXPECT_THAT(matches("0 */24 * * *", kNewYear, 2), ElementsAre("01-01 00:00", "01-02 00:00"));
  EXPECT_THAT(matches("0 0 */32 * *", kNewYear, 2), ElementsAre("01-01 00:00", "02-01 00:00"));
  EXPECT_THAT(matches("0 0 1 */12 *", kNewYear, 2), ElementsAre("01-01 00:00", "01-01 00:00"));
  EXPECT_THAT(matches("0 0 * * */8", kNewYear, 1), ElementsAre("01-04 00:00")) << "a Sunday";
  EXPECT_THAT(matches("10-20/1000000000000 3 * * *", kNewYear, 2), ElementsAre("01-01 03:10", "01-02 03:10"));
  EXPECT_THAT(matches("0 0 1 feb-jul/9 *", kNewYear, 2), ElementsAre("02-01 00:00", "02-01 00:00"));
}

TEST(CronExpression, TheWordsMeanWhatVixieCronSays) {
  const std::map<std::string, std::string> words{{"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},
                                                 {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
                                                 {"@monthly", "0 0 1 * *"},  {"@yearly", "0 0 1 1 *"},
                                                 {"@annually", "0 0 1 1 *"}};
  for (const auto& [word, fields] : words) {
    EXPECT_EQ(matches(word, kNewYear + 1, 3), matches(fields, kNewYear + 1, 3)) << word;
  }
}

TEST(CronExpression, EitherDayIsEnoughWhenBothAreRestricted) {
  EXPECT_THAT(matches("0 0 13 * fri", kNewYear, 3), ElementsAre("01-02 00:00", "01-09 00:00", "01-13 00:00"));
  // A field that begins with '*' counts as unrestricted, even with a step.
  EXPECT_THAT(matches("0 0 */10 * fri", kNewYear, 2), ElementsAre("05-01 00:00", "07-31 00:00"));
  EXPECT_THAT(matches("0 0 13 * *", kNewYear, 2), ElementsAre("01-13 00:00", "02-13 00:00"));
}

TEST(CronExpression, AMatchIsLookedForFromTheNextWholeMinuteAndBeforeTheEnd) {
  const CronExpression every = cron("* * * * *");
  EXPECT_EQ(every.firstMatch(kNewYear, kNewYear + 60), kNewYear);
  EXPECT_EQ(every.firstMatch(kNewYear + 1, kNewYear + 61), kNewYear + 60);
  EXPECT_EQ(every.firstMatch(kNewYear + 1, kNewYear + 60), std::nullopt);
  EXPECT_EQ(every.firstMatch(kNewYear + 100, kNewYear), std::nullopt);
  EXPECT_EQ(every.firstMatch(-61, 0), -60) << "before 1970";
  EXPECT_EQ(every.firstMatch(wall(2026y / 12 / 31, 23h, 59min) + 1, wall(2028y / 1 / 1)),
            wall(2027y / 1 / 1));
}

TEST(CronExpression, ADayThatNoYearHasNeverComes) {
  EXPECT_THAT(matches("0 0 31 2 *", kNewYear, 1), IsEmpty());
  EXPECT_THAT(matches("0 0 31 4,6,9,11 *", kNewYear, 1), IsEmpty());
  EXPECT_THAT(matches("0 0 29 2 *", kNewYear, 2), ElementsAre("02-29 00:00", "02-29 00:00"));
}

TEST(CronExpression, OnlyAFieldThatBeginsWithAStarFollowsRealTime) {
  EXPECT_TRUE(cron("*/5 2 * * *").followsRealTime());
  EXPECT_TRUE(cron("0 * * * *").followsRealTime());
  EXPECT_FALSE(cron("0,30 0-23 * * *").followsRealTime());
}

TEST(CronExpression, WhatIsWrongIsToldWithItsField) {
  const std::map<std::string, std::string> problems{
      {"", "five fields"},
      {"* * * *", "it has 4"},
      {"* * * * * *", "it has 6"},
      {"60 * * * *", "minute: 60 is not within 0 to 59"},
      {"* 24 * * *", "hour: 24 is not within 0 to 23"},
      {"* * 0 * *", "day of month: 0 is not within 1 to 31"},
      {"* * * 13 *", "month: 13 is not within 1 to 12"},
      {"* * * foo *", "month: 'foo' is no number or name; give 1 to 12, a-b, a,b, */n, or jan to dec"},
      {"* * * * 8", "day of week: 8 is not within 0 to 7"},
      {"* * * * mon#1", "day of week: 'mon#1' is no number or name"},
      {"* * L * *", "day of month: 'L' is no number; give"},
      {"* * ? * *", "day of month: '?'"},
      {"*/0 * * * *", "minute: the step in '*/0' must be a whole number from 1 on"},
      {"*/-1 * * * *", "minute: the step"},
      {"*/x * * * *", "minute: the step"},
      {"0/+5 * * * *", "minute: the step"},
      {"*/99999999999999999999 * * * *", "minute: the step"},
      {"*-5 * * * *", "minute: '*' is no number"},
      {"0 0 * jan/2x *", "month: the step"},
      {"1-2-3 * * * *", "minute: '2-3' is no number"},
      {"-5 * * * *", "minute: '' is no number"},
      {"+5 * * * *", "minute: '+5' is no number"},
      {"1, * * * *", "minute: a number is missing beside a comma"},
      {"* 22-2 * * *", "hour: the range '22-2' goes backwards; write it as two, such as 22-23,0-2"},
      {"* * * * fri-mon", "day of week: the range 'fri-mon' goes backwards"},
      {"@reboot", "is no such word"},
      {"99999999999999999999 * * * *", "minute: "},
      {std::string(300, '*'), "255 bytes"},
  };
  for (const auto& [text, problem] : problems) EXPECT_THAT(findProblem(text), HasSubstr(problem)) << text;
}

}  // namespace
}  // namespace taskqueue
