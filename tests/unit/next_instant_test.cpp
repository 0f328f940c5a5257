// The next instant of an expression, also across clock changes. Times are local, with their UTC offset, which
// tells apart the two passes of a repeated hour.
#include "module/queue/schedule/next_instant.h"

#include <gmock/gmock.h>

#include <chrono>
#include <vector>

namespace taskqueue {
namespace {

using namespace std::chrono;
using ::testing::ElementsAre;

TimeZone zone(const std::string& name) {
  return TimeZone::find(name).value();
}

CronExpression parsed(const std::string& text) {
  return std::get<CronExpression>(CronExpression::parse(text));
}

UnixSeconds utc(year_month_day date, hours hour = 0h, minutes minute = 0min) {
  return seconds(sys_days(date).time_since_epoch() + hour + minute).count();
}

// Returns the next `count` instants as "DD HH:MM+offset hours".
std::vector<std::string> next(const std::string& text, const std::string& place, UnixSeconds after,
                              int count) {
  const TimeZone there = zone(place);
  const CronExpression expression = parsed(text);
  std::vector<std::string> found;
  for (auto at = nextInstant(expression, there, after); at && count > 0; --count) {
    const UnixSeconds offset = there.periodAt(*at).offset;
    const sys_seconds shown{seconds(*at + offset)};
    const hh_mm_ss time(shown - floor<days>(shown));
    char line[48];
    std::snprintf(line, sizeof line, "%02u %02d:%02d%+g",
                  static_cast<unsigned>(year_month_day(floor<days>(shown)).day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<double>(offset) / 3600);
    found.emplace_back(line);
    at = nextInstant(expression, there, *at);
  }
  return found;
}

// Europe/Riga 2026: 29 March 03:00+2 becomes 04:00+3; 25 October 04:00+3 becomes 03:00+2.
const UnixSeconds kBeforeGap = utc(2026y / 3 / 28, 12h);
const UnixSeconds kBeforeFold = utc(2026y / 10 / 24, 12h);

TEST(NextInstant, IsAfterTheGivenOneAndNeverIt) {
  const UnixSeconds noon = utc(2026y / 5 / 1, 12h);
  EXPECT_EQ(nextInstant(parsed("0 12 * * *"), zone("UTC"), noon - 1), noon);
  EXPECT_EQ(nextInstant(parsed("0 12 * * *"), zone("UTC"), noon), noon + 86400);
  EXPECT_EQ(nextInstant(parsed("0 12 * * *"), zone("Asia/Kathmandu"), noon - 1),
            utc(2026y / 5 / 2, 6h, 15min));
}

TEST(NextInstant, ATimeThatTheClocksPassOverComesOnceBehindTheGap) {
  EXPECT_THAT(next("30 3 * * *", "Europe/Riga", kBeforeGap, 3),
              ElementsAre("29 04:00+3", "30 03:30+3", "31 03:30+3"));
  EXPECT_THAT(next("15,45 3,4 * * *", "Europe/Riga", kBeforeGap, 4),
              ElementsAre("29 04:00+3", "29 04:15+3", "29 04:45+3", "30 03:15+3"));
  EXPECT_THAT(next("0 3,4 * * *", "Europe/Riga", kBeforeGap, 2), ElementsAre("29 04:00+3", "30 03:00+3"))
      << "behind the gap and on time is the same instant";
  EXPECT_THAT(next("59 2 29 3 *", "Europe/Riga", kBeforeGap, 1), ElementsAre("29 02:59+2"));
}

TEST(NextInstant, ATimeThatTheClocksShowTwiceComesOnce) {
  EXPECT_THAT(next("30 3 * * *", "Europe/Riga", kBeforeFold, 3),
              ElementsAre("25 03:30+3", "26 03:30+2", "27 03:30+2"));
  EXPECT_THAT(next("0,30 3,4 * * *", "Europe/Riga", kBeforeFold, 5),
              ElementsAre("25 03:00+3", "25 03:30+3", "25 04:00+2", "25 04:30+2", "26 03:00+2"));
  const UnixSeconds inTheRepetition = utc(2026y / 10 / 25, 1h, 15min);
  EXPECT_THAT(next("30 3 * * *", "Europe/Riga", inTheRepetition, 1), ElementsAre("26 03:30+2"));
}

TEST(NextInstant, EverySoOftenGoesOnByRealTime) {
  const UnixSeconds gap = utc(2026y / 3 / 29, 0h, 29min);
  EXPECT_THAT(next("*/30 * * * *", "Europe/Riga", gap, 4),
              ElementsAre("29 02:30+2", "29 04:00+3", "29 04:30+3", "29 05:00+3"));
  EXPECT_THAT(next("0 * * * *", "Europe/Riga", gap, 2), ElementsAre("29 04:00+3", "29 05:00+3"));
  EXPECT_THAT(next("*/30 3 * * *", "Europe/Riga", gap, 1), ElementsAre("30 03:00+3"));
  const UnixSeconds fold = utc(2026y / 10 / 25, 0h);
  EXPECT_THAT(next("*/30 * * * *", "Europe/Riga", fold, 4),
              ElementsAre("25 03:30+3", "25 03:00+2", "25 03:30+2", "25 04:00+2"));
  EXPECT_THAT(next("0 */3 * * *", "Europe/Riga", fold - 1, 3),
              ElementsAre("25 03:00+3", "25 03:00+2", "25 06:00+2"));
}

TEST(NextInstant, OddGapsAndFoldsAreNoExceptions) {
  // The change is half an hour. Lord Howe, 4 October 2026: 02:00+10:30 becomes 02:30+11.
  EXPECT_THAT(next("15 2 * * *", "Australia/Lord_Howe", utc(2026y / 10 / 3, 12h), 2),
              ElementsAre("04 02:30+11", "05 02:15+11"));
  // The change skips midnight. Santiago, 6 September 2026: 00:00-4 becomes 01:00-3.
  EXPECT_THAT(next("@daily", "America/Santiago", utc(2026y / 9 / 5, 12h), 2),
              ElementsAre("06 01:00-3", "07 00:00-3"));
  // The change skips a whole day: Apia had no 30 December 2011.
  EXPECT_THAT(next("0 12 * * *", "Pacific/Apia", utc(2011y / 12 / 29, 12h), 3),
              ElementsAre("29 12:00-10", "31 00:00+14", "31 12:00+14"));
  // Dublin defines winter time as the exception with the smaller offset.
  EXPECT_THAT(next("30 1 * * *", "Europe/Dublin", kBeforeGap, 2), ElementsAre("29 02:00+1", "30 01:30+1"));
}

TEST(NextInstant, ALeapDayIsFoundAndADayThatNoYearHasIsNot) {
  const UnixSeconds from = utc(2026y / 1 / 1);
  EXPECT_EQ(nextInstant(parsed("0 0 29 2 *"), zone("UTC"), from), utc(2028y / 2 / 29));
  // A 29 February on a Sunday is the longest wait, since 2100 is no leap year.
  EXPECT_EQ(nextInstant(parsed("0 0 29 2 */7"), zone("UTC"), utc(2088y / 2 / 29)), utc(2128y / 2 / 29));
  EXPECT_EQ(nextInstant(parsed("0 0 31 2 *"), zone("UTC"), from), std::nullopt);
  EXPECT_EQ(nextInstant(parsed("0 0 30 2 *"), zone("Europe/Riga"), from), std::nullopt);
}

TEST(NextInstant, AZoneIsFoundByItsNameOnly) {
  for (const char* name : {"UTC", "Europe/Riga", "America/Argentina/Buenos_Aires", "Etc/GMT+5"}) {
    EXPECT_TRUE(TimeZone::find(name)) << name;
  }
  for (const char* name :
       {"", "Riga", "europe/riga", "../../etc/passwd", "/etc/localtime", "posix/UTC", "EET-2"}) {
    EXPECT_FALSE(TimeZone::find(name)) << name;
  }
}

}  // namespace
}  // namespace taskqueue
