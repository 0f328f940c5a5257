// Compares our instants with those of an independent implementation, PHP's dragonmantank/cron-expression 3.3,
// on random expressions, zones and years. Our rules are Vixie cron's. The library deviates from them in some
// ways, and each is excluded by the narrowest condition:
//
// 1. A local time that the clocks skip: the library moves it by the length of the gap (03:30 becomes 04:30),
// and loses it at midnight. Ours fires at the first instant after the gap.
// 2. A local time that occurs twice: the library fires twice, ours once.
// 3. An hour or a day other than '*' on a day with a clock change: the library searches in hours, so it loses
// some matches (12:15 of "15 */12 * * *" in Sydney; the repeated 23:15 of a Saturday where St. John's set its
// clocks back over midnight) and finds false ones (02:00 for "* 3-14/3 * * *" in Moscow). So only expressions
// for every hour of every day are compared everywhere; others only where no clock changes within 25 hours.
// 4. */n as day of the month combined with a day of the week, or the reverse: the library accepts either day,
// Vixie cron requires both. The tests do not combine them.
// 5. The library rejects a/n, loses the later numbers of a list that does not ascend (15,11), and loses the
// minute 0 of */59 after the first hour. The tests use none of them.
// 6. Instants after 2037 are not compared: the tables' dates end there, as do our library's zones.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <vector>

#include "module/queue/schedule/next_instant.h"

namespace taskqueue {
namespace {

constexpr int kCases = 4000;
constexpr int kInstants = 25;                         // per case
constexpr UnixSeconds kLastCompared = 2'140'000'000;  // in October 2037

constexpr std::array kZones{"UTC",
                            "Europe/Riga",
                            "Europe/London",
                            "Europe/Dublin",
                            "Europe/Moscow",
                            "America/New_York",
                            "America/Los_Angeles",
                            "America/St_Johns",
                            "America/Sao_Paulo",
                            "America/Santiago",
                            "America/Havana",
                            "Africa/Cairo",
                            "Africa/Casablanca",
                            "Asia/Kolkata",
                            "Asia/Kathmandu",
                            "Asia/Tehran",
                            "Asia/Beirut",
                            "Asia/Tokyo",
                            "Australia/Sydney",
                            "Australia/Lord_Howe",
                            "Pacific/Apia",
                            "Pacific/Chatham",
                            "Antarctica/Troll"};

struct Case {
  std::string zone;
  UnixSeconds after = 0;
  std::string expression;
  bool isOfEveryHourAndDay = false;
};

class CronAgainstPhp : public ::testing::Test {
 protected:
  int random(int min, int max) { return std::uniform_int_distribution(min, max)(random_); }

  std::string field(int min, int max) {
    const auto number = [&] { return std::to_string(random(min, max)); };
    const auto range = [&] {
      const int first = random(min, max - 1);
      return std::to_string(first) + "-" + std::to_string(random(first + 1, max));
    };
    switch (random(0, 5)) {
      case 0:
        return number();
      case 1: {
        const int first = random(min, max);
        return std::to_string(first) + "," + std::to_string(random(first, max));
      }
      case 2:
        return range();
      case 3:
        return range() + "/" + std::to_string(random(1, 5));
      case 4:
        return "*/" + std::to_string(random(1, max / 2));
      default:
        return "*";
    }
  }

  Case randomCase() {
    std::string dayOfMonth = random(0, 1) == 0 ? "*" : field(1, 31);
    std::string dayOfWeek = random(0, 1) == 0 ? "*" : field(0, 6);
    const bool hasStep = dayOfMonth.starts_with("*/") || dayOfWeek.starts_with("*/");
    if (hasStep && dayOfMonth != "*") dayOfWeek = "*";
    const std::string hour = random(0, 1) == 0 ? "*" : field(0, 23);
    const std::string month = random(0, 3) == 0 ? field(1, 12) : "*";
    Case made{kZones[static_cast<std::size_t>(random(0, kZones.size() - 1))],
              random(1'000'000'000, 2'050'000'000),
              field(0, 59) + " " + hour + " " + dayOfMonth + " " + month + " " + dayOfWeek,
              hour == "*" && dayOfMonth == "*" && dayOfWeek == "*"};
    // Half of the cases start up to two days before a clock change, if the zone has any.
    const TimeZone::Period period = TimeZone::find(made.zone)->periodAt(made.after);
    if (random(0, 1) == 0 && period.end < 2'080'000'000) made.after = period.end - random(0, 2 * 86400);
    return made;
  }

 private:
  std::mt19937 random_{20261125};
};

std::vector<std::vector<UnixSeconds>> instantsOfPhp(const std::vector<Case>& cases) {
  const auto directory = std::filesystem::temp_directory_path() / "taskqueue-cron-XXXXXX";
  std::string made = directory.string();
  if (::mkdtemp(made.data()) == nullptr) throw std::runtime_error("no temporary directory");
  std::ofstream input(made + "/cases");
  for (const Case& each : cases)
    input << each.zone << '\t' << each.after << '\t' << kInstants << '\t' << each.expression << '\n';
  input.close();
  const std::string command = "php -d error_reporting=8191 " TASKQUEUE_SOURCE_DIRECTORY
                              "/tests/support/php/cron_instants.php <" +
                              made + "/cases >" + made + "/instants";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  std::vector<std::vector<UnixSeconds>> all;
  std::ifstream output(made + "/instants");
  for (std::string line; std::getline(output, line);) {
    std::istringstream words(line);
    all.emplace_back(std::istream_iterator<UnixSeconds>(words), std::istream_iterator<UnixSeconds>());
  }
  std::filesystem::remove_all(made);
  return all;
}

std::vector<UnixSeconds> ourInstants(const Case& of, const CronExpression& expression, const TimeZone& zone) {
  std::vector<UnixSeconds> found;
  UnixSeconds after = of.after;
  while (found.size() < kInstants) {
    const auto next = nextInstant(expression, zone, after);
    if (!next) break;
    found.push_back(after = *next);
  }
  return found;
}

// Keeps instants up to `last`. Unless `everywhere`, it keeps only those without a clock change nearby.
std::vector<UnixSeconds> comparable(std::vector<UnixSeconds> instants, UnixSeconds last, bool everywhere,
                                    const TimeZone& zone) {
  constexpr UnixSeconds kNearby = 25 * 3600;
  std::erase_if(instants, [&](UnixSeconds at) {
    const bool quiet = zone.periodAt(at - kNearby).end > at + kNearby;
    return at > last || !(everywhere || quiet);
  });
  return instants;
}

TEST_F(CronAgainstPhp, RandomExpressionsComeAtTheSameInstants) {
  std::vector<Case> cases;
  for (int i = 0; i < kCases; ++i) cases.push_back(randomCase());
  const auto theirs = instantsOfPhp(cases);
  ASSERT_EQ(theirs.size(), cases.size());
  std::size_t compared = 0;
  int withNone = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& each = cases[i];
    const auto expression = std::get<CronExpression>(CronExpression::parse(each.expression));
    const TimeZone zone = TimeZone::find(each.zone).value();
    const auto ours = ourInstants(each, expression, zone);
    if (theirs[i].empty() || ours.empty()) {
      ++withNone;
      continue;
    }
    const UnixSeconds last = std::min({ours.back(), theirs[i].back(), kLastCompared});
    const bool everywhere = each.isOfEveryHourAndDay;
    const auto expected = comparable(theirs[i], last, everywhere, zone);
    EXPECT_EQ(comparable(ours, last, everywhere, zone), expected)
        << each.expression << " in " << each.zone << " after " << each.after;
    compared += expected.size();
  }
  std::cout << compared << " instants compared\n";
  EXPECT_GT(compared, static_cast<std::size_t>(kCases) * kInstants * 3 / 4);
  EXPECT_LT(withNone, kCases / 50) << "such as 31 February";
}

}  // namespace
}  // namespace taskqueue
