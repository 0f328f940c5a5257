// Schedules on their pages: made, edited, tried, shown and removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/queue/schedule/cron_expression.h"
#include "module/web/form.h"
#include "module/web/pages/cron_words.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class WebSchedules : public ::testing::Test {
 protected:
  WebSchedules() {
    const HandlerDeclaration handler{
        .taskHandlerClass = "Report",
        .kind = "cpp",
        .dataSchema =
            R"({"type":"object","required":["to"],"properties":{"to":{"type":"string"},)"
            R"("pages":{"type":"integer","minimum":1,"default":10},"password":{"type":"string"}}})"};
    web_.store().runners.registerRunner({.queues = {"default"}}, std::span(&handler, 1));
  }
  std::string page(const std::string& target, const std::string& role = "admin") {
    return web_.answer(web_.get(target, role)).body;
  }
  std::string formOf(const std::string& rest) {
    return "Name=nightly&CronExpression=30+3+*+*+*&TimeZone=Europe%2FRiga&Missed=once&MissedLimit=10&Overlap="
           "skip"
           "&Queue=&Priority=&MaxRetries=&NotifyOn=never&NotifyTo=" +
           rest;
  }
  Response add(const std::string& rest = "&m.to=ada&m.password=secret-word") {
    return web_.answer(web_.post("schedules/new", "TaskHandlerClass=Report&Version=&" + formOf(rest)));
  }
  // Returns the version that the edit form carries.
  std::string shownVersion() {
    const std::string edit = page("schedules/1/edit");
    const auto at = edit.find("name=\"Version\" value=\"");
    return at == std::string::npos ? "" : edit.substr(at + 22, 16);
  }

  WebUnderTest web_;
};

TEST_F(WebSchedules, OneIsMadeByAFormWithTheFieldsOfItsHandler) {
  EXPECT_THAT(page("schedules/new"), HasSubstr(R"(<option value="Report">)"));
  EXPECT_THAT(page("schedules/new?handler=Report"),
              AllOf(HasSubstr(R"(name="m.pages" value="10")"), HasSubstr("data-own-zone")));
  ASSERT_EQ(add().status, 303);
  const ScheduleDefinition made = web_.store().schedules.findSchedule(1)->definition;
  EXPECT_EQ(made.name, "nightly");
  EXPECT_EQ(made.cronExpression, "30 3 * * *");
  EXPECT_EQ(made.timeZone, "Europe/Riga");
  EXPECT_EQ(made.taskData, R"({"to":"ada","password":"secret-word"})");
  EXPECT_TRUE(made.enabled);
  EXPECT_THAT(page("schedules"), AllOf(HasSubstr("At 03:30, every day"), HasSubstr("schedules/1\">nightly")));
}

TEST_F(WebSchedules, ErrorsStandAtTheirFields) {
  const Response refused = web_.answer(
      web_.post("schedules/new",
                "TaskHandlerClass=Report&Version=&Name=&CronExpression=61+3+*+*+*&TimeZone=Nowhere"
                "&Missed=once&MissedLimit=x&Overlap=skip&NotifyOn=never&m.to="));
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, AllOf(HasSubstr(R"(id="e-to">is required)"), HasSubstr(R"(id="e-MissedLimit")")));
  const Response badTimes =
      web_.answer(web_.post("schedules/new",
                            "TaskHandlerClass=Report&Version=&Name=&CronExpression=61+3+*+*+*&TimeZone=UTC"
                            "&Missed=once&MissedLimit=1&Overlap=skip&NotifyOn=never&m.to=ada"));
  EXPECT_THAT(badTimes.body, AllOf(HasSubstr(R"(id="e-Name")"), HasSubstr(R"(id="e-CronExpression")")));
  EXPECT_TRUE(web_.store().schedules.findSchedules(10).empty());
}

TEST_F(WebSchedules, AnEditKeepsWhatIsMaskedAndIsRefusedAfterAnotherEdit) {
  add();
  EXPECT_THAT(page("schedules/1/edit"), Not(HasSubstr("secret-word")));
  const std::string version = shownVersion();
  const std::string edited =
      "Version=" + version + "&" + formOf("&m.to=bob&m.password=" + percentEncoded("••••••") + "&m.pages=7");
  ASSERT_EQ(web_.answer(web_.post("schedules/1/edit", edited)).status, 303);
  EXPECT_EQ(web_.store().schedules.findSchedule(1)->definition.taskData,
            R"({"to":"bob","pages":7,"password":"secret-word"})");
  EXPECT_EQ(web_.answer(web_.post("schedules/1/edit", edited)).status, 409) << "it shows the former version";
  EXPECT_EQ(web_.answer(web_.post("schedules/1/edit", "Version=" + shownVersion() +
                                                          "&TaskHandlerClass=Other&" + formOf("&m.to=bob")))
                .status,
            303);
  EXPECT_EQ(web_.store().schedules.findSchedule(1)->definition.taskHandlerClass, "Report")
      << "the handler stays";
}

TEST_F(WebSchedules, ThePageShowsTheNextTimesAndEachFiringWithItsTask) {
  add();
  const std::string made = web_.answer(web_.post("schedules/1/fire")).headers.front().second;
  EXPECT_EQ(made, web_.configuration().web.basePath + "schedules");
  web_.answer(web_.post("schedules/1/fire"));
  const std::string shown = page("schedules/1");
  EXPECT_THAT(shown,
              AllOf(HasSubstr("03:30:00+0"), HasSubstr("made a task, on request"), HasSubstr("tasks/1\""),
                    HasSubstr("skipped: the task of an earlier firing had not ended")));
  EXPECT_THAT(shown, Not(HasSubstr("secret-word")));
  EXPECT_THAT(shown, Not(HasSubstr("notice failed"))) << "it has no problem";
  EXPECT_THAT(page("schedules/1", "viewer"), Not(HasSubstr("/remove")));
  EXPECT_EQ(web_.answer(web_.get("schedules/4711")).status, 404);
}

TEST_F(WebSchedules, ARemovalAsksFirst) {
  add();
  EXPECT_THAT(web_.answer(web_.post("schedules/1/remove")).body,
              AllOf(HasSubstr("Remove the schedule nightly?"), HasSubstr("cannot be undone")));
  EXPECT_TRUE(web_.store().schedules.findSchedule(1));
  EXPECT_EQ(web_.answer(web_.post("schedules/1/remove", "confirmed=1")).status, 303);
  EXPECT_FALSE(web_.store().schedules.findSchedule(1));
}

TEST_F(WebSchedules, APreviewIsComputedByTheServer) {
  const std::string good = page("schedules/preview?cron=30+3+*+*+*&zone=Europe/Riga", "viewer");
  EXPECT_THAT(good, AllOf(HasSubstr(R"("Words":"At 03:30, every day")"), HasSubstr("03:30:00+0")));
  EXPECT_THAT(page("schedules/preview?cron=61+3+*+*+*&zone=UTC"),
              AllOf(HasSubstr(R"("Member":"CronExpression")"), HasSubstr("61 is not within 0 to 59")));
  EXPECT_THAT(page("schedules/preview?cron=*+*+*+*+*&zone=Mars"), HasSubstr(R"("Member":"TimeZone")"));
}

TEST_F(WebSchedules, ACronExpressionIsSaidInWords) {
  const auto words = [&](const char* cron, const char* language = "en") {
    const auto parsed = CronExpression::parse(cron);
    return cronInWords(std::get<CronExpression>(parsed), web_.templates().texts(language));
  };
  EXPECT_EQ(words("30 3 * * *"), "At 03:30, every day");
  EXPECT_EQ(words("* * * * *"), "Every minute");
  EXPECT_EQ(words("*/15 * * * *"), "Every 15 minutes");
  EXPECT_EQ(words("5 * * * *"), "At minute 5 of each hour");
  EXPECT_EQ(words("5 */6 * * 0"), "At 00:05, 06:05, 12:05, 18:05, Sunday");
  EXPECT_EQ(words("*/10 8-17 * * mon-fri"), "Every 10 minutes, in the hours 8–17, Monday–Friday");
  EXPECT_EQ(words("0 6 1,15 * *"), "At 06:00, days 1, 15 of the month");
  EXPECT_EQ(words("0 6 1 jan,jul *"), "At 06:00, days 1 of the month, January, July");
  EXPECT_EQ(words("0 6 13 * fri"), "At 06:00, days 13 of the month and also each Friday");
  EXPECT_EQ(words("0 0 * * sat,sun"), "At 00:00, Saturday, Sunday");
  EXPECT_EQ(words("7 */2 * * *"), "Every 2 hours, at minute 7, every day");
  EXPECT_EQ(words("30 3 * * mon-fri", "de"), "Um 03:30, Montag–Freitag");
  EXPECT_EQ(words("*/5 * * * *", "ru"), "Каждые 5 минут");
}

}  // namespace
}  // namespace taskqueue::web::tests
