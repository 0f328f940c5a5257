// One day of a site on the tables of the fixture CMS, with runners killed meanwhile. It has an import, a
// rebuild of the permission cache, and five templates of which two are broken. 500 e-mails go through a flaky
// SMTP server, and ten schedules pass a weekend with a clock change. Every task ends correctly, the pages
// answer all the time, and each subscriber is notified exactly once.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <barrier>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "module/platform/random.h"
#include "module/queue/schedule/fire.h"
#include "module/store/maria_store.h"
#include "tests/integration/stack_test.h"
#include "tests/support/smtp_server.h"

namespace taskqueue::tests {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kWhoWantsToKnow = "owner@site.example";
constexpr int kProducts = 3000;
constexpr int kMails = 500;
constexpr int kKills = 4;
// Europe/Riga, from Saturday 2026-10-24 00:00 to Monday 00:00: 49 hours, since the clocks are set back on
// Sunday.
constexpr UnixSeconds kWeekendBegins = 1792789200;
constexpr UnixSeconds kWeekendEnds = 1792965600;
constexpr int kOverseers = 2;
constexpr int kOverseerStep = 300;  // seconds between two passes of the overseer

struct WeekendSchedule {
  const char* cron;
  const char* zone;
  int firings;
};
const std::map<std::string, WeekendSchedule> kWeekend{
    {"each hour", {"0 * * * *", "Europe/Riga", 49}},
    {"each half hour", {"*/30 * * * *", "Europe/Riga", 98}},
    {"in the hour that comes twice", {"30 3 * * *", "Europe/Riga", 2}},
    {"behind it", {"30 4 * * *", "Europe/Riga", 2}},
    {"at midnight", {"@daily", "Europe/Riga", 2}},
    {"on Sunday", {"15 1 * * sun", "Europe/Riga", 1}},
    {"at noon", {"0 12 * * sat,sun", "Europe/Riga", 2}},
    {"on the first", {"0 0 1 * *", "Europe/Riga", 0}},
    {"elsewhere", {"45 3 * * *", "UTC", 2}},
    {"where clocks are not set", {"@hourly", "America/New_York", 49}}};

class DayTest : public StackTest {
 protected:
  void SetUp() override {
    shell("sed 's/%PREFIX%/" + stack().setting("TABLE_PREFIX") + "/g' " + TASKQUEUE_CHECKOUT +
          "/tests/support/cms_fixture.sql | mariadb --defaults-file=" + stack().setting("HOME_DIR") +
          "/database.cnf " + stack().setting("DB_NAME"));
    for (const char* table : {"Products", "Categories", "EmailQueue", "Permissions", "UserGroups",
                              "CategoryPermissionsConfig", "CategoryPermissionsCache"}) {
      execute("DELETE FROM {" + std::string(table) + "}");
    }
    firstTaskId_ = static_cast<int>(number("SELECT COALESCE(MAX(Id), 0) FROM {TaskQueue}"));
  }
  void TearDown() override {
    execute("DELETE FROM {TaskSchedules}");
    execute("DELETE FROM {TaskScheduleFirings}");
    StackTest::TearDown();
  }

  static void shell(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }
  static void execute(const std::string& sql) {
    auto& database = stack().database();
    database.executeText(database.names().expand(sql), {});
  }
  static std::int64_t number(const std::string& sql) {
    auto& database = stack().database();
    return database.queryText(database.names().expand(sql)).at(0).integer();
  }

  // Enqueues as the CMS's page does, and records how long its user waited.
  int enqueue(const std::string& taskHandlerClass, const std::string& taskData, const std::string& notifyOn) {
    const auto start = std::chrono::steady_clock::now();
    const auto answer =
        stack().api("POST", "tasks",
                    R"({"TaskHandlerClass":")" + taskHandlerClass + R"(","TaskData":)" + taskData +
                        R"(,"NotifyOn":")" + notifyOn + R"(","NotifyTo":")" + kWhoWantsToKnow + "\"}");
    waited_.push_back(std::chrono::steady_clock::now() - start);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.status == 201 ? answer.json["Id"].GetInt() : 0;
  }
  void look(const std::string& path) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(stack().page(path).status, 200) << path;
    waited_.push_back(std::chrono::steady_clock::now() - start);
  }

  static void addMails() {
    execute(
        "INSERT INTO {EmailQueue} (ToEmail, Subject, MessageHeaders, MessageBody, Queued) SELECT CONCAT(CASE "
        "WHEN seq % 25 = 0 THEN 'gone' WHEN seq % 10 = 0 THEN 'busy-1' WHEN seq % 50 = 7 THEN 'drop-1' ELSE "
        "'fine' END, '@day', seq, '.example'), CONCAT('News ', seq), NULL, 'Good morning.', "
        "UNIX_TIMESTAMP() FROM seq_1_to_" +
        std::to_string(kMails));
  }

  // Home allows group 1; a category denies it to group 1; a category below that allows it to group 2.
  static void addPermissions() {
    execute("INSERT INTO {UserGroups} (GroupId, Name) VALUES (1, 'Everybody'), (2, 'Editors')");
    execute(
        "INSERT INTO {CategoryPermissionsConfig} (PermissionConfigId, PermissionName) VALUES (1, "
        "'CATEGORY.VIEW')");
    execute(
        "INSERT INTO {Categories} (CategoryId, ParentId, Name) VALUES (1, 0, 'Closed'), (2, "
        "1, 'Desk')");
    execute(
        "INSERT INTO {Permissions} (Permission, GroupId, PermissionValue, Type, CatId) VALUES "
        "('CATEGORY.VIEW', "
        "1, 1, 0, 0), ('CATEGORY.VIEW', 1, 0, 0, 1), ('CATEGORY.VIEW', 2, 1, 0, 2)");
  }
  static void expectPermissions() {
    EXPECT_EQ(stack().count("{CategoryPermissionsCache} WHERE CategoryId = 1"), 0);
    EXPECT_EQ(stack().count("{CategoryPermissionsCache} WHERE CategoryId = 2 AND ACL = '2'"), 1);
    EXPECT_EQ(stack().count("{CategoryPermissionsCache} WHERE ACL = '1'"),
              stack().count("{Categories} WHERE CategoryId > 2") + 1)
        << "all others, and Home";
  }

  // Two overseers go through the whole weekend, each in its own thread. Both start each pass together,
  // because real overseers share one clock: no pass begins minutes after the same pass of the other was
  // committed.
  static std::vector<std::jthread> letTheWeekendPass() {
    for (const auto& [name, schedule] : kWeekend) {
      execute(
          "INSERT INTO {TaskSchedules} (Name, TaskHandlerClass, CronExpression, TimeZone, Overlap) "
          "VALUES ('" +
          name + "', 'Noop', '" + schedule.cron + "', '" + schedule.zone + "', 'queue')");
    }
    const auto clock = std::make_shared<std::barrier<>>(kOverseers);
    const auto passes = [clock] {
      store::ConnectionSettings settings;
      settings.optionFile = stack().setting("HOME_DIR") + "/database.cnf";
      settings.database = stack().setting("DB_NAME");
      store::MariaStore store(
          settings, store::TableNames(stack().setting("TABLE_PREFIX"), ""),
          [] { return platform::randomHex(16); }, [] { return 0.5; });
      const auto pass = [&](UnixSeconds now) {
        fireDueSchedules(store.roles(), {}, now);
        clock->arrive_and_wait();
      };
      pass(kWeekendBegins - 60);
      for (UnixSeconds now = kWeekendBegins; now < kWeekendEnds; now += kOverseerStep) pass(now);
    };
    std::vector<std::jthread> overseers;
    for (int i = 0; i < kOverseers; ++i) overseers.emplace_back(passes);
    return overseers;
  }
  static void expectTheWeekend() {
    for (const auto& [name, schedule] : kWeekend) {
      EXPECT_EQ(
          stack().count("{TaskScheduleFirings} f JOIN {TaskSchedules} s ON s.Id = f.TaskScheduleId JOIN "
                        "{TaskQueue} t ON t.Id = f.TaskQueueId WHERE s.Name = '" +
                        name + "' AND f.Outcome = 'fired' AND t.LastStatus = 'success'"),
          schedule.firings)
          << name;
    }
  }

  // Waits until no task is open. Retries are due at once, and runners are killed now and then.
  void workOff(int kills) {
    int killed = 0;
    auto nextKill = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually(
        [&] {
          execute("UPDATE {TaskQueue} SET NextRunOn = UNIX_TIMESTAMP() WHERE NextRunOn > UNIX_TIMESTAMP()");
          look("/");
          look("/tasks");
          const auto pids = stack().runnerPids();
          if (killed < kills && !pids.empty() && std::chrono::steady_clock::now() > nextKill) {
            ::kill(pids[static_cast<std::size_t>(killed) % pids.size()], SIGKILL);
            ++killed;
            nextKill = std::chrono::steady_clock::now() + 1s;
          }
          // A rescued task that waits for its retry has the status of the lost run.
          return killed == kills &&
                 ofToday("(NextRunOn IS NOT NULL OR LastStatus IN ('scheduled', 'running'))") == 0;
        },
        180s));
  }
  std::int64_t ofToday(const std::string& where) const {
    return stack().count("{TaskQueue} WHERE Id > " + std::to_string(firstTaskId_) + " AND " + where);
  }
  std::int64_t mailsThat(const std::string& kind, const std::string& status) const {
    return ofToday("TaskHandlerClass = 'SendMail' AND Title LIKE '" + kind + "@day%' AND LastStatus = '" +
                   status + "'");
  }

  test_support::SharedSmtpServer smtp_;
  std::vector<std::chrono::steady_clock::duration> waited_;

 private:
  int firstTaskId_ = 0;
};

TEST_F(DayTest, AllTheCmssWorkEndsRightAndEverybodyIsToldOnce) {
  expectLoggedTrouble();
  shell(std::string(TASKQUEUE_CHECKOUT) + "/tests/support/catalogue --rows " + std::to_string(kProducts) +
        " > " + stack().setting("IMPORT_DIRECTORY") + "/day.csv && chgrp taskqueue " +
        stack().setting("IMPORT_DIRECTORY") + "/day.csv && chmod 640 " + stack().setting("IMPORT_DIRECTORY") +
        "/day.csv");
  addPermissions();
  addMails();
  EXPECT_EQ(stack().event("task-queue:OnProcess").status, 200);

  const int import = enqueue("ProductImport", R"({"File":"day.csv"})", "both");
  const int templates = enqueue("TemplateCompile", "{}", "failure");
  const int mails = enqueue("EmailQueue", "{}", "success");
  auto overseers = letTheWeekendPass();
  workOff(kKills);
  overseers.clear();
  const int permissions = enqueue("CategoryPermissionCache", "{}", "both");
  workOff(0);

  EXPECT_EQ(stack().lastStatus(import), "success");
  const auto imported = stack().newestRun(import);
  EXPECT_EQ(stack().count("{Products}"), imported["Results"]["Imported"].GetInt64());
  EXPECT_EQ(imported["Results"]["Imported"].GetInt64() + imported["Results"]["Skipped"].GetInt64(),
            kProducts);

  EXPECT_EQ(stack().lastStatus(permissions), "success");
  expectPermissions();

  EXPECT_EQ(stack().lastStatus(templates), "error");
  const auto compiled = stack().newestRun(templates);
  EXPECT_THAT(compiled["ErrorMessage"].GetString(), HasSubstr("product.tpl"));
  EXPECT_THAT(compiled["ErrorMessage"].GetString(), HasSubstr("order.tpl"));

  EXPECT_EQ(stack().lastStatus(mails), "success");
  EXPECT_EQ(stack().count("{EmailQueue}"), 0);
  EXPECT_EQ(mailsThat("gone", "error"), kMails / 25);
  EXPECT_EQ(ofToday("TaskHandlerClass = 'SendMail'"), kMails);
  EXPECT_EQ(ofToday("TaskHandlerClass = 'SendMail' AND LastStatus = 'success'"), kMails - kMails / 25);
  std::set<std::string> recipients;
  std::map<std::string, int> told;  // notifications by subject
  for (const auto& mail : smtp_.mails()) {
    if (mail.to == kWhoWantsToKnow) {
      ++told[mail.subject];
    } else {
      recipients.insert(mail.to);
    }
  }
  EXPECT_THAT(recipients, SizeIs(kMails - kMails / 25));

  expectTheWeekend();
  EXPECT_EQ(ofToday("TaskHandlerClass = 'NotifyByMail' AND LastStatus = 'success'"), 4);
  EXPECT_EQ(ofToday("TaskHandlerClass = 'NotifyByMail'"), 4);
  EXPECT_THAT(told, SizeIs(4)) << "the import, the cache, the templates and the mails";
  EXPECT_THAT(told, Each(::testing::Pair(::testing::_, 1)));
  EXPECT_LT(*std::max_element(waited_.begin(), waited_.end()), test_support::kPatience * 5s)
      << "a page kept its reader waiting";
}

}  // namespace
}  // namespace taskqueue::tests
