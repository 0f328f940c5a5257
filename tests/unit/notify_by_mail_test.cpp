// E-mails about task ends and alerts, with a real mail server and the CMS's table of users.
#include "runner/handlers/notify/notify_by_mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "module/json/notification.h"
#include "module/json/task_data.h"
#include "runner/handlers/notify/mail_texts.h"
#include "tests/support/database_environment.h"
#include "tests/support/given_run.h"
#include "tests/support/smtp_server.h"

namespace taskqueue::handlers {
namespace {

using test_support::endOf;
using test_support::GivenRun;
using test_support::SmtpServer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kDatabase = "notify_tests";

// Returns the templates with compiled catalogues, as an installation has them.
std::string templatesDirectory() {
  static const std::string directory = [] {
    namespace fs = std::filesystem;
    const fs::path made = fs::path(TASKQUEUE_LOCALE_DIRECTORY).parent_path() / "notify_templates";
    fs::remove_all(made);
    fs::create_directories(made);
    fs::create_directory_symlink(TASKQUEUE_SOURCE_DIRECTORY "/templates/mail", made / "mail");
    fs::create_directory_symlink(TASKQUEUE_LOCALE_DIRECTORY, made / "locale");
    return made.string();
  }();
  return directory;
}

EndedTask endedTask(RunStatus status) {
  EndedTask ended;
  ended.task.id = 4711;
  ended.task.taskHandlerClass = "ProductImport";
  ended.task.title = "Prices <spring> & \"more\"";
  ended.task.lastStatus = status;
  ended.task.queuedOn = 1'700'000'000;
  ended.task.queuedById = 17;
  if (isFailure(status)) {
    ended.run.emplace();
    ended.run->errorCode = "no_file";
    ended.run->errorMessage = "There is no file <prices.csv>.";
  }
  return ended;
}

json::Document messageOf(const NewTask& notification) {
  auto data = json::read(notification.taskData, {.bytes = INT64_MAX});
  json::Document message;
  message.CopyFrom(std::get<json::Document>(data)["Message"], message.GetAllocator());
  return message;
}

class MailText : public ::testing::Test {
 protected:
  MailText() {
    configuration_.web.templatesDirectory = templatesDirectory();
    configuration_.notify.pagesUrl = "https://cms.example/taskqueue/";
  }
  SubjectAndText textOf(const EndedTask& ended, const std::string& language = "en", bool isByHand = false) {
    return MailTexts(configuration_)
        .write(messageOf(json::makeNotification(ended, 1'700'000'120)), language, isByHand);
  }
  SubjectAndText textOf(const health::HealthCheck& check, const std::string& language = "") {
    return MailTexts(configuration_)
        .write(messageOf(json::makeNotification(check, "ops@example.com", 1'700'003'600)), language, false);
  }

  platform::Configuration configuration_;
};

TEST_F(MailText, TellsWhatHappenedAndWhereToLook) {
  const auto [subject, text] = textOf(endedTask(RunStatus::Error));
  EXPECT_EQ(subject, "Failed: Prices <spring> & \"more\"");
  EXPECT_EQ(text,
            "The task 4711 failed for good and is not retried automatically.\n\n"
            "Title: Prices <spring> & \"more\"\n"
            "Handler: ProductImport\n"
            "Queued: 2023-11-14 22:13 UTC\n"
            "Finished: 2023-11-14 22:15 UTC\n"
            "Error: no_file There is no file <prices.csv>.\n\n"
            "https://cms.example/taskqueue/tasks/4711\n");
  EXPECT_THAT(textOf(endedTask(RunStatus::Success)).subject, StartsWith("Done: "));
  EXPECT_THAT(textOf(endedTask(RunStatus::Success)).text, Not(HasSubstr("Error")));
  EXPECT_THAT(textOf(endedTask(RunStatus::Cancelled)).subject, StartsWith("Cancelled: "));
  EXPECT_THAT(textOf(endedTask(RunStatus::Timeout)).subject, StartsWith("Failed: "));
}

TEST_F(MailText, ShowsControlBytesInsteadOfSendingThem) {
  EndedTask ended = endedTask(RunStatus::Error);
  ended.task.title = "red\x1B[31m\xC2\x9B";
  ended.run->errorMessage = "first\r\nsecond \x1B]0;x\x07";
  const auto [subject, text] = textOf(ended);
  EXPECT_EQ(subject, "Failed: red\\x1B[31m\\u{009B}");
  EXPECT_THAT(text, HasSubstr("first\nsecond \\x1B]0;x\\x07"));
}

TEST_F(MailText, SaysFirstThatItWasSentByHand) {
  EXPECT_THAT(textOf(endedTask(RunStatus::Error), "en", true).text,
              StartsWith("This message was sent by hand, not by the queue.\n\nThe task 4711"));
  EXPECT_THAT(textOf(endedTask(RunStatus::Error), "de", true).text,
              StartsWith("Diese Nachricht wurde von Hand"));
}

TEST_F(MailText, HasATitleWithLineEndsInOneLine) {
  for (const char* title : {"Prices\nof May", "Prices\r\n\r\nof May", "\nPrices\tof May\n"}) {
    EndedTask ended = endedTask(RunStatus::Error);
    ended.task.title = title;
    ended.run->errorMessage = "first line\nsecond line";
    const auto [subject, text] = textOf(ended);
    EXPECT_THAT(subject, StartsWith("Failed: "));
    EXPECT_THAT(subject, ::testing::ContainsRegex("Prices +of May"));
    EXPECT_THAT(text, StartsWith("The task 4711 failed for good"));
    EXPECT_THAT(text, ::testing::ContainsRegex("\nTitle: *Prices +of May *\nHandler: "));
    EXPECT_THAT(text, HasSubstr("first line\nsecond line"));
  }
  EXPECT_EQ(textOf(health::HealthCheck{.event = "queue.waits", .subject = "slow\nqueue"}).subject,
            "The queue slow queue waits");
}

TEST_F(MailText, IsInTheLanguageThatWasAskedForOrTheNearest) {
  EXPECT_THAT(textOf(endedTask(RunStatus::Success), "de").subject, StartsWith("Erledigt: "));
  EXPECT_THAT(textOf(endedTask(RunStatus::Success), "de-AT").subject, StartsWith("Erledigt: "));
  EXPECT_THAT(textOf(endedTask(RunStatus::Success), "ru").subject, StartsWith("Готово: "));
  EXPECT_THAT(textOf(endedTask(RunStatus::Success), "xx").subject, StartsWith("Done: "));
  EXPECT_THAT(textOf(endedTask(RunStatus::Success), "../de").subject, StartsWith("Done: "));
  configuration_.notify.language = "ru";
  EXPECT_THAT(textOf(endedTask(RunStatus::Success), "").subject, StartsWith("Готово: "));
  EXPECT_THAT(textOf(endedTask(RunStatus::Success), "en").subject, StartsWith("Done: "));
}

TEST_F(MailText, OfAnAlertSaysWhatIsWrongAndWhatMendsIt) {
  const health::HealthCheck failing{.name = "failures",
                                    .event = "handler.failed",
                                    .state = health::Health::Failed,
                                    .text = "%1 of %2 runs failed within the last hour.",
                                    .values = {"3", "4"},
                                    .subject = "ProductImport",
                                    .since = 1'700'000'000,
                                    .count = 3,
                                    .fixes = {{"taskqueue list --status error", ""}}};
  const auto failed = textOf(failing);
  EXPECT_EQ(failed.subject, "Tasks fail: ProductImport");
  EXPECT_EQ(failed.text,
            "3 of 4 runs failed within the last hour.\n\n"
            "Since: 2023-11-14 22:13 UTC\n\n"
            "How to fix it:\n"
            "  taskqueue list --status error\n\n"
            "https://cms.example/taskqueue/health\n\n"
            "This alert is repeated after 60 minutes at the earliest.\n");
  EXPECT_THAT(textOf(failing, "de").text, HasSubstr("3 von 4 Läufen"));
}

TEST_F(MailText, OfAnAlertNamesItsCause) {
  EXPECT_EQ(textOf(health::HealthCheck{.event = "queue.waits", .subject = "slow"}).subject,
            "The queue slow waits");
  EXPECT_EQ(textOf(health::HealthCheck{.event = "overseer.late"}).subject, "The overseer is late");
  EXPECT_EQ(
      textOf(health::HealthCheck{.name = "Ids", .event = "ids.short", .subject = "inp_TaskRuns"}).subject,
      "Health: Ids, inp_TaskRuns");
}

class NotifyByMail : public MailText {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kDatabase);
    test_support::migrate(kDatabase);
    store::Connection connection(test_support::settingsFor(kDatabase), test_support::cmsNames());
    connection.queryText(
        "CREATE TABLE inp_Users (PortalUserId INT NOT NULL PRIMARY KEY, Email VARCHAR(255) NULL)");
    connection.queryText(
        "INSERT INTO inp_Users VALUES (17, 'ada@example.com'), (18, NULL), (19, 'busy-1@example.com'), (20, "
        "'gone@example.com'), (21, 'ada@example.com, bob@example.com'), (22, 'Ada <ada@example.com>')");
  }

  NotifyByMail() {
    configuration_.smtp.url = server_.url();
    configuration_.smtp.requireTls = false;
    configuration_.smtp.from = "Site <site@site.example>";
  }
  HandlerEntry make() {
    return makeNotifyByMail(configuration_, test_support::settingsFor(kDatabase), test_support::cmsNames());
  }
  std::string send(int userId, std::optional<std::string> to = std::nullopt) {
    EndedTask ended = endedTask(RunStatus::Success);
    ended.task.queuedById = userId;
    ended.notify.to = std::move(to);
    ended.notify.language = "de";
    const HandlerEntry entry = make();
    const std::string data = json::makeNotification(ended, 1'700'000'120).taskData;
    EXPECT_THAT(json::checkTaskData(data, entry.dataSchema, {}), IsEmpty());
    GivenRun run(data);
    return endOf(*entry.handler, run);
  }

  SmtpServer server_;
};

TEST_F(NotifyByMail, FindsTheAddressOfWhoeverQueuedTheTask) {
  EXPECT_EQ(send(17), "success");
  ASSERT_THAT(server_.mails(), SizeIs(1));
  EXPECT_EQ(server_.mails()[0].to, "ada@example.com");
  EXPECT_EQ(server_.mails()[0].from, "site@site.example");
  EXPECT_THAT(server_.mails()[0].content, HasSubstr("Subject: Erledigt: Prices <spring> & \"more\"\r\n"));
}

TEST_F(NotifyByMail, TakesTheAddressThatTheTaskNames) {
  EXPECT_EQ(send(17, "grace@example.com"), "success");
  ASSERT_THAT(server_.mails(), SizeIs(1));
  EXPECT_EQ(server_.mails()[0].to, "grace@example.com");
}

TEST_F(NotifyByMail, GoesToOneAddressOrIsGivenUp) {
  EXPECT_EQ(send(21),
            "give up, address: A message goes to one address; it is: ada@example.com, bob@example.com");
  EXPECT_THAT(send(17, "ada@example.com; bob@example.com"),
              HasSubstr("give up, address: A message goes to one"));
  EXPECT_THAT(send(17, "Ada"), HasSubstr("give up, address: To cannot be read"));
  EXPECT_THAT(server_.mails(), IsEmpty());
  EXPECT_EQ(send(22), "success");
  EXPECT_EQ(server_.mails().at(0).to, "ada@example.com");
}

TEST_F(NotifyByMail, OfRootKnowsTheConfigurationsAddress) {
  EXPECT_THAT(send(-1), HasSubstr("give up, no_address: "));
  configuration_.cmsUsers.rootEmail = "root@example.com";
  EXPECT_EQ(send(-1), "success");
  EXPECT_EQ(server_.mails().at(0).to, "root@example.com");
}

TEST_F(NotifyByMail, SaysWhenAUserHasNoAddress) {
  EXPECT_EQ(send(18), "give up, no_address: The user 18 has no e-mail address in inp_Users.");
  EXPECT_EQ(send(99), "give up, no_address: The user 99 has no e-mail address in inp_Users.");
  configuration_.cmsUsers.table = "PortalUser";
  EXPECT_THAT(send(17), HasSubstr("retry, database: "));
  EXPECT_THAT(server_.mails(), IsEmpty());
}

TEST_F(NotifyByMail, IsTriedAgainOrGivenUpAsTheMailServerSays) {
  EXPECT_THAT(send(19), HasSubstr("retry, smtp_450: "));
  EXPECT_EQ(send(19), "success");
  EXPECT_THAT(send(20), HasSubstr("give up, smtp_550: "));
}

TEST_F(NotifyByMail, SaysWhichTemplateCannotBeRead) {
  configuration_.web.templatesDirectory = "/nowhere";
  EXPECT_EQ(send(17), "retry, template: cannot read the template /nowhere/mail/task_ended.txt");
}

}  // namespace
}  // namespace taskqueue::handlers
