// SendMail and EmailQueue with a real mail server, a real database and the CMS's table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "module/json/task_data.h"
#include "module/platform/failpoint.h"
#include "runner/handlers/mail/email_queue.h"
#include "runner/handlers/mail/php_headers.h"
#include "runner/handlers/mail/send_mail.h"
#include "runner/handlers/mail/send_rate.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"
#include "tests/support/given_run.h"
#include "tests/support/smtp_server.h"

namespace taskqueue::handlers {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using store::Connection;
using store::Row;
using test_support::endOf;
using test_support::GivenRun;
using test_support::SharedSmtpServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr const char* kDatabase = "mail_tests";

platform::SmtpConfiguration smtpOf(const SharedSmtpServer& server) {
  platform::SmtpConfiguration smtp;
  smtp.url = server.url();
  smtp.requireTls = false;
  smtp.from = "Site <site@site.example>";
  smtp.sendLimit = 20s;
  return smtp;
}

class MailTables : public ::testing::Test {
 protected:
  MailTables() {
    static const bool made = makeDatabase();
    EXPECT_TRUE(made);
    test_support::emptyTables(eye_);
    eye_.queryText("DELETE FROM inp_EmailQueue");
    configuration_.smtp = smtpOf(server_);
  }

  static bool makeDatabase() {
    test_support::sharedServer().createDatabase(kDatabase);
    test_support::migrate(kDatabase);
    std::ifstream file(TASKQUEUE_CMS_FIXTURE);
    std::string sql;
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("--")) sql += line + "\n";
    }
    for (auto at = sql.find("%PREFIX%"); at != std::string::npos; at = sql.find("%PREFIX%")) {
      sql.replace(at, 8, "inp_");
    }
    Connection connection(settings(), test_support::cmsNames());
    std::istringstream statements(sql);
    for (std::string statement; std::getline(statements, statement, ';');) {
      if (statement.find("CREATE") != std::string::npos) connection.queryText(statement);
    }
    return true;
  }
  void queue(const std::string& to, const std::string& headers = "", const std::string& body = "Hi") {
    eye_.executeText(
        "INSERT INTO inp_EmailQueue (ToEmail, Subject, MessageHeaders, MessageBody, Queued) "
        "VALUES (?, 'Order \xE2\x82\xAC', ?, ?, UNIX_TIMESTAMP())",
        {to, headers, body});
  }
  std::string move() {
    const auto entry = makeEmailQueue(configuration_, settings(), test_support::cmsNames());
    GivenRun run("{}");
    const std::string end = endOf(*entry.handler, run);
    results_ = run.results;
    return end;
  }
  std::vector<std::string> column(const std::string& sql) {
    std::vector<std::string> texts;
    for (Row& row : eye_.queryText(sql)) texts.push_back(row.text());
    return texts;
  }
  std::int64_t count(const std::string& from) {
    return eye_.queryText("SELECT COUNT(*) FROM " + from).at(0).integer();
  }
  static store::ConnectionSettings settings() { return test_support::settingsFor(kDatabase); }

  SharedSmtpServer server_;
  Connection eye_{settings(), test_support::cmsNames()};
  platform::Configuration configuration_;
  std::string results_;
};

class SendMailLaws : public MailTables {
 protected:
  std::string endOfMail(const std::string& data) {
    EXPECT_THAT(json::checkTaskData(data, entry_.dataSchema, {}), IsEmpty());
    GivenRun run(data);
    const std::string end = endOf(*entry_.handler, run);
    results_ = run.results;
    return end;
  }

  HandlerEntry entry_ = makeSendMail(smtpOf(server_), settings(), test_support::cmsNames());
  std::string results_;
};

TEST_F(SendMailLaws, ATextIsSentAndTheAnswerKept) {
  EXPECT_EQ(
      endOfMail(
          R"({"To":"Ada <ada@example.org>","Subject":"Привет €, и ещё несколько слов, чтобы строк было две",)"
          R"("Text":"Здравствуй\n.\n","Html":"<p>"})"),
      "success");
  EXPECT_THAT(results_, HasSubstr(R"("To":"ada@example.org","From":"site@site.example")"));
  EXPECT_THAT(results_, HasSubstr(R"("Code":250,"Answer":"2.0.0 taken over")"));
  const auto mails = server_.mails();
  ASSERT_THAT(mails, SizeIs(1));
  EXPECT_THAT(mails[0].content, HasSubstr("From: Site <site@site.example>\r\n"));
  EXPECT_EQ(mails[0].subject, "Привет €, и ещё несколько слов, чтобы строк было две");
  EXPECT_EQ(mails[0].text, "Здравствуй\r\n.\r\n");
  EXPECT_EQ(mails[0].defects, 0);
}

TEST_F(SendMailLaws, RefusalsForGoodAreNotTriedAgainAndOthersAre) {
  EXPECT_EQ(endOfMail(R"({"To":"gone@example.org","Text":""})"),
            "give up, smtp_550: 550 5.1.1 there is no such person here");
  EXPECT_EQ(endOfMail(R"({"To":"busy-1@shop.example","Text":""})"),
            "retry, smtp_450: 450 4.2.0 come back later");
  EXPECT_THAT(results_, HasSubstr(R"("Code":450,"Answer":"4.2.0 come back later")"));
  EXPECT_EQ(endOfMail(R"({"To":"busy-1@shop.example","Text":""})"), "success");
  EXPECT_THAT(endOfMail(R"({"To":"drop-1@shop.example","Text":""})"), HasSubstr("retry, smtp_unanswered: "));
  EXPECT_THAT(endOfMail(R"({"To":"no address","Text":""})"),
              HasSubstr("give up, address: To cannot be read"));
  EXPECT_THAT(endOfMail(R"({"To":"a@b","From":"c@d>\r\nRCPT TO:<e@f","Text":""})"),
              HasSubstr("give up, address"));
}

TEST_F(SendMailLaws, AMailThatIsMadeKeepsItsSender) {
  EXPECT_EQ(
      endOfMail(
          R"({"To":"ada@example.org","Headers":["From: Shop <shop@site.example>","X-A: b"],"Body":"Hi"})"),
      "success");
  EXPECT_EQ(endOfMail(R"({"To":"ada@example.org","Headers":["from: Shop <shop@site.example>",)"
                      R"("Return-Path: <bounces@site.example>"],"Body":"Hi"})"),
            "success");
  const auto mails = server_.mails();
  ASSERT_THAT(mails, SizeIs(2));
  EXPECT_EQ(mails[0].from, "shop@site.example");
  EXPECT_THAT(mails[0].content, HasSubstr("X-A: b\r\n"));
  EXPECT_EQ(mails[1].from, "bounces@site.example");
}

TEST_F(SendMailLaws, AHeaderMakesNoFurtherOne) {
  EXPECT_THAT(
      endOfMail(
          R"({"To":"ada@example.org","Headers":["Subject: hi\r\nReply-To: eve@evil.example"],"Body":"Hi"})"),
      HasSubstr("give up, headers: "));
  EXPECT_EQ(
      endOfMail(R"({"To":"ada@example.org","Headers":["Subject: hi","X-A: b\r\n folded\r\n"],"Body":"Hi"})"),
      "success");
  const auto mails = server_.mails();
  ASSERT_THAT(mails, SizeIs(1));
  EXPECT_THAT(mails[0].content, testing::StartsWith("Subject: hi\r\nX-A: b folded\r\nFrom: "));
}

TEST_F(SendMailLaws, EveryoneNamedInToGetsTheMail) {
  for (const char* to : {"Ada <ada@x.example>, Bob <bob@y.example>", "ada@x.example; bob@y.example",
                         "team: ada@x.example, bob@y.example;"}) {
    EXPECT_EQ(endOfMail(std::string(R"({"To":")") + to + R"(","Text":""})"), "success") << to;
    EXPECT_THAT(server_.mails().back().recipients, ElementsAre("ada@x.example", "bob@y.example")) << to;
  }
  EXPECT_THAT(endOfMail(R"({"To":"Ada <ada@x.example> <bob@y.example>","Text":""})"),
              HasSubstr("give up, address: To "));
  EXPECT_THAT(endOfMail(R"({"To":"ada@x.example, Bob","Text":""})"), HasSubstr("\"Bob\" is no address"));
  EXPECT_THAT(server_.mails(), SizeIs(3));
}

TEST_F(SendMailLaws, EveryoneNamedInAMadeMailGetsItAndBlindCopiesAreNotShown) {
  EXPECT_EQ(endOfMail(R"({"To":"ada@x.example","Headers":["Cc: Bob <bob@y.example>","Bcc: eve@z.example",)"
                      R"("Reply-To: sales@x.example, Jürgen <j@x.example>"],"Body":"Grüße"})"),
            "success");
  const auto mails = server_.mails();
  ASSERT_THAT(mails, SizeIs(1));
  EXPECT_THAT(mails[0].recipients, ElementsAre("ada@x.example", "bob@y.example", "eve@z.example"));
  EXPECT_THAT(mails[0].content, testing::Not(HasSubstr("eve@z.example")));
  EXPECT_THAT(mails[0].content, HasSubstr("Reply-To: sales@x.example, =?UTF-8?"));
  EXPECT_EQ(mails[0].text, "Grüße");
  EXPECT_EQ(mails[0].defects, 0);
}

TEST_F(SendMailLaws, WhoHasTheMailDoesNotGetItAgainAndWhoHasNotIsNamed) {
  const std::string data = R"({"To":"ada@example.org, busy-1@some.example, gone@some.example","Text":""})";
  const auto endOfRun = [&](const std::string& token) {
    GivenRun run(data, 4711, token);
    const std::string end = endOf(*entry_.handler, run);
    results_ = run.results;
    return end;
  };
  EXPECT_EQ(
      endOfRun("first"),
      "retry, smtp_450: 1 of 3 recipients have the mail; busy-1@some.example: 450 4.2.0 come back later; "
      "gone@some.example: 550 5.1.1 there is no such person here");
  EXPECT_THAT(results_,
              HasSubstr(R"({"To":"ada@example.org","State":"sent","Code":250,"Answer":"2.0.0 taken over"})"));
  EXPECT_THAT(results_, HasSubstr(R"({"To":"busy-1@some.example","State":"waits","Code":450,)"));
  EXPECT_THAT(results_, HasSubstr(R"({"To":"gone@some.example","State":"refused","Code":550,)"));
  EXPECT_EQ(endOfRun("second"),
            "give up, smtp_550: 2 of 3 recipients have the mail; gone@some.example: 550 5.1.1 there is no "
            "such person here");
  EXPECT_EQ(endOfRun("by hand"),
            "give up, smtp_550: 2 of 3 recipients have the mail; gone@some.example: 550 5.1.1 there is no "
            "such person here");
  const auto mails = server_.mails();
  ASSERT_THAT(mails, SizeIs(2));
  EXPECT_THAT(mails[0].recipients, ElementsAre("ada@example.org"));
  EXPECT_THAT(mails[1].recipients, ElementsAre("busy-1@some.example"));
}

TEST_F(SendMailLaws, APartialDeliveryIsKnownAlsoWhenItsRunHasDied) {
  const std::string data = R"({"To":"ada@example.org, busy-1@died.example","Text":""})";
  GivenRun died(data, 4712, "died");
  EXPECT_THAT(endOf(*entry_.handler, died), HasSubstr("retry, smtp_450"));
  eye_.executeText(
      "INSERT INTO inp_TaskRuns (TaskQueueId, RunToken, Status) VALUES (4712, 'died', 'timeout')", {});
  GivenRun next(data, 4712, "next");
  EXPECT_EQ(endOf(*entry_.handler, next), "success");
  GivenRun again(data, 4712, "again");  // the earlier success was not written
  EXPECT_EQ(endOf(*entry_.handler, again), "success");
  EXPECT_EQ(again.results, next.results);
  eye_.executeText(
      "INSERT INTO inp_TaskRuns (TaskQueueId, RunToken, Status) VALUES (4712, 'next', 'success')", {});
  GivenRun byHand(data, 4712, "by hand");
  EXPECT_EQ(endOf(*entry_.handler, byHand), "success");
  const auto mails = server_.mails();
  ASSERT_THAT(mails, SizeIs(3));
  EXPECT_THAT(mails[1].recipients, ElementsAre("busy-1@died.example"));
  EXPECT_THAT(mails[2].recipients, SizeIs(2)) << "a success that somebody retries goes to all again";
}

TEST_F(SendMailLaws, NothingOfATaskIsLeftOut) {
  EXPECT_THAT(endOfMail(R"({"To":"a@b","Text":"t","Body":"b"})"),
              HasSubstr("give up, body: Body excludes Text"));
  EXPECT_THAT(endOfMail(R"({"To":"a@b","Text":"t","Headers":["X-A: b"]})"),
              HasSubstr("give up, headers: Headers need a Body"));
  EXPECT_THAT(endOfMail(R"({"To":"a@b","Headers":["X-A: b","nothing"],"Body":"b"})"),
              HasSubstr("give up, headers: "));
  EXPECT_THAT(endOfMail(R"({"To":"a@b","Headers":["Subject: a","subject: b"],"Body":"b"})"),
              HasSubstr("give up, headers: Headers cannot be taken: subject stands twice"));
  auto smtp = smtpOf(server_);
  smtp.maxRecipients = 1;
  const auto entry = makeSendMail(smtp, settings(), test_support::cmsNames());
  GivenRun run(R"({"To":"a@b, c@d","Text":""})");
  EXPECT_THAT(endOf(*entry.handler, run), HasSubstr("give up, recipients: the mail has 2 recipients"));
  EXPECT_THAT(server_.mails(), IsEmpty());
}

TEST_F(SendMailLaws, EveryAttemptAtAMailHasTheSameId) {
  const std::string data = R"({"To":"ada@example.org","Text":""})";
  GivenRun first(data, 7, "first");
  GivenRun second(data, 7, "second");
  EXPECT_EQ(endOf(*entry_.handler, first), "success");
  eye_.queryText("DELETE FROM inp_TaskCheckpoints");
  EXPECT_EQ(endOf(*entry_.handler, second), "success");
  EXPECT_EQ(first.results, second.results);
  const auto mails = server_.mails();
  ASSERT_THAT(mails, SizeIs(2));
  EXPECT_EQ(mails.back().connection, mails.front().connection) << "the connection is kept from run to run";
}

TEST_F(SendMailLaws, NothingIsSentWhileNobodyKnowsWhetherItWas) {
  auto away = settings();
  away.optionFile = "/nowhere/client.cnf";
  const auto entry = makeSendMail(configuration_.smtp, away, test_support::cmsNames());
  GivenRun run(R"({"To":"ada@example.org","Text":""})");
  EXPECT_THAT(endOf(*entry.handler, run), HasSubstr("retry, database: "));
  EXPECT_THAT(server_.mails(), IsEmpty());
}

TEST_F(SendMailLaws, DataThatNamesNoMailIsRefused) {
  for (const char* data :
       {"{}", R"({"To":"a@b"})", R"({"To":"a@b","Text":"","Bcc":"e@f"})", R"({"Text":"x"})"}) {
    EXPECT_THAT(json::checkTaskData(data, entry_.dataSchema, {}), testing::Not(IsEmpty())) << data;
  }
}

TEST_F(SendMailLaws, APasswordThatCannotBeReadIsSaid) {
  auto smtp = smtpOf(server_);
  smtp.user = "ada";
  smtp.passwordFile = "/nowhere/secret";
  const auto entry = makeSendMail(smtp, settings(), test_support::cmsNames());
  GivenRun run(R"({"To":"ada@example.org","Text":""})");
  EXPECT_THAT(endOf(*entry.handler, run), HasSubstr("retry, smtp_settings: smtp.password_file"));
}

TEST(PhpHeaders, AreReadOrRefusedAsAWhole) {
  const auto headers = parsePhpHeaders("a:3:{s:4:\"From\";s:3:\"a;b\";s:10:\"X-Priority\";i:3;s:1:\"N\";N;}");
  ASSERT_TRUE(headers);
  EXPECT_THAT(*headers, ElementsAre("From: a;b", "X-Priority: 3", "N: "));
  // PHP 8.2 wrote this for ['From' => '"Магазин" <shop@site.example>', 'X' => null, 'Y' => true].
  const auto shop =
      parsePhpHeaders(R"(a:3:{s:4:"From";s:36:""Магазин" <shop@site.example>";s:1:"X";N;s:1:"Y";b:1;})");
  ASSERT_TRUE(shop);
  EXPECT_EQ(shop->at(0), R"(From: "Магазин" <shop@site.example>)");
  // ['X-A: b', 'Cc: c@d']
  EXPECT_THAT(*parsePhpHeaders(R"(a:2:{i:0;s:6:"X-A: b";i:1;s:7:"Cc: c@d";})"),
              ElementsAre("X-A: b", "Cc: c@d"));
  for (const char* wrong : {"", "a:", "a:1:{", "a:1:{s:9:\"From\";s:1:\"a\";}", "a:2:{s:1:\"a\";s:1:\"b\";}",
                            "a:1:{s:1:\"a\";a:0:{}}", "a:0:{}x", "a:1:{s:99999999999999999999:\"a\";N;}",
                            "From: a@b", "O:1:\"x\":0:{}"}) {
    EXPECT_FALSE(parsePhpHeaders(wrong)) << wrong;
  }
}

TEST_F(MailTables, EachRowBecomesATaskThatSendsIt) {
  queue("Ada <ada@example.org>", "a:1:{s:4:\"From\";s:24:\"Shop <shop@site.example>\";}");
  queue("bob@example.org, \"C, D\" <cd@example.org>",
        "From: shop@site.example\nX-Mailer: cms\r\n folded\nCc: copy@example.org\nBcc: secret@example.org\n",
        "First\nsecond");
  queue("nonsense");
  queue("ada@example.org",
        "a:2:{s:7:\"Subject\";s:22:\"=?utf-8?B?T3JkZXI=?=\r\n\";s:2:\"Cc\";s:16:\"copy@example.org\";}");
  EXPECT_EQ(move(), "success");
  EXPECT_EQ(results_, R"({"Moved":4,"Tasks":4,"TooLarge":0})");
  EXPECT_EQ(count("inp_EmailQueue"), 0);
  EXPECT_THAT(column("SELECT Title FROM inp_TaskQueue ORDER BY Id"),
              ElementsAre("Ada <ada@example.org>: Order \xE2\x82\xAC",
                          "bob@example.org, \"C, D\" <cd@example.org>: Order \xE2\x82\xAC",
                          "nonsense: Order \xE2\x82\xAC", "ada@example.org: Order \xE2\x82\xAC"));
  EXPECT_THAT(column("SELECT DISTINCT MaxRetries FROM inp_TaskQueue"), ElementsAre("12"));

  const auto sendMail = makeSendMail(configuration_.smtp, settings(), test_support::cmsNames());
  std::vector<std::string> ends;
  for (const std::string& data : column("SELECT TaskData FROM inp_TaskQueue ORDER BY Id")) {
    EXPECT_THAT(json::checkTaskData(data, sendMail.dataSchema, {}), IsEmpty());
    GivenRun run(data);
    ends.push_back(endOf(*sendMail.handler, run).substr(0, 16));
  }
  EXPECT_THAT(ends, ElementsAre("success", "success", "give up, address", "success"));
  const auto mails = server_.mails();
  ASSERT_THAT(mails, SizeIs(3));
  EXPECT_EQ(mails[0].to, "ada@example.org");
  EXPECT_EQ(mails[1].from, "shop@site.example");
  EXPECT_THAT(mails[1].recipients,
              ElementsAre("bob@example.org", "cd@example.org", "copy@example.org", "secret@example.org"));
  EXPECT_THAT(mails[1].content, testing::Not(HasSubstr("secret")));
  EXPECT_THAT(mails[1].content, HasSubstr("X-Mailer: cms folded\r\n"));
  EXPECT_THAT(mails[1].content, HasSubstr("Subject: =?UTF-8?B?T3JkZXIg4oKs?=\r\n"));
  EXPECT_THAT(mails[1].content, HasSubstr("\r\n\r\nFirst\r\nsecond"));
  EXPECT_EQ(mails[1].defects, 0);
  EXPECT_THAT(mails[2].content, HasSubstr("Subject: =?utf-8?B?T3JkZXI=?=\r\n")) << "the headers' own";
  EXPECT_THAT(mails[2].recipients, ElementsAre("ada@example.org", "copy@example.org"));
}

TEST_F(MailTables, ATextThatIsNoUtf8StaysAndIsNamed) {
  eye_.queryText("ALTER TABLE inp_EmailQueue MODIFY MessageBody BLOB");
  eye_.queryText(
      "INSERT INTO inp_EmailQueue (ToEmail, Subject, MessageBody) VALUES ('ada@example.org', 'x', X'47FC')");
  const std::string end = move();
  eye_.queryText("DELETE FROM inp_EmailQueue");
  eye_.queryText("ALTER TABLE inp_EmailQueue MODIFY MessageBody LONGTEXT");
  EXPECT_THAT(end, HasSubstr("give up, unreadable_headers: "));
  EXPECT_THAT(end, HasSubstr("no UTF-8"));
  EXPECT_EQ(count("inp_TaskQueue"), 0);
}

TEST_F(MailTables, MailsThatDoNotFitStayAndAreNamed) {
  configuration_.limits.taskDataBytes = 1000;
  queue("big@example.org", "", std::string(2000, 'x'));
  queue("ada@example.org");
  queue("quotes@example.org", "", std::string(900, '"'));  // twice as long in JSON
  queue("bob@example.org");
  configuration_.emailQueue.batchRows = 1;
  const std::string end = move();
  EXPECT_THAT(end, HasSubstr("give up, too_large: 2 mails are larger than limits.task_data_bytes (1000)"));
  EXPECT_THAT(column("SELECT ToEmail FROM inp_EmailQueue"),
              UnorderedElementsAre("big@example.org", "quotes@example.org"));
  EXPECT_EQ(count("inp_TaskQueue"), 2);
}

// A mail with only half of its headers would be a different mail.
TEST_F(MailTables, AMailWhoseHeadersCannotBeReadStaysAndIsNamed) {
  queue("nested@example.org", R"(a:2:{s:2:"Cc";a:1:{i:0;s:3:"a@b";}s:1:"X";s:1:"y";})");
  queue("ada@example.org", "a: 1, as a header may begin");
  queue("cut@example.org", R"(a:1:{s:12:"Content-Type";s:50:"multipart/mixed)");
  EXPECT_THAT(move(), HasSubstr("give up, unreadable_headers: the MessageHeaders of 2 mails cannot be read"));
  EXPECT_THAT(column("SELECT ToEmail FROM inp_EmailQueue"),
              UnorderedElementsAre("nested@example.org", "cut@example.org"));
  EXPECT_THAT(column("SELECT Title FROM inp_TaskQueue"), ElementsAre(HasSubstr("ada@example.org")));
}

// Such a table cannot undo a deletion, so the task must exist before its row is deleted.
TEST_F(MailTables, OfATableThatDoesNotRollBackNoMailIsLostAndNoneBecomesTwo) {
  constexpr unsigned kConnectionLost = 2013;
  eye_.queryText("ALTER TABLE inp_EmailQueue ENGINE=MyISAM");
  configuration_.emailQueue.batchRows = 2;
  int failures = 0;
  for (const auto moment : {platform::Moment::Before, platform::Moment::After}) {
    bool passed = true;
    for (int skipped = 0; passed; ++skipped) {
      for (int i = 0; i < 5; ++i) queue("same@example.org");
      platform::armFailpoint(moment, kConnectionLost, skipped);
      if (move() != "success") ++failures;
      passed = !platform::disarmFailpoint();
      ASSERT_EQ(move(), "success");
      ASSERT_EQ(count("inp_EmailQueue"), 0);
      ASSERT_EQ(count("inp_TaskQueue"), 5) << "at " << skipped;
      eye_.queryText("DELETE FROM inp_TaskQueue");
      ASSERT_LT(skipped, 100);
    }
  }
  EXPECT_GT(failures, 2);
  eye_.queryText("ALTER TABLE inp_EmailQueue ENGINE=InnoDB");
}

TEST_F(MailTables, ATableThatIsNotThereIsAnError) {
  configuration_.emailQueue.table = "Nowhere";
  EXPECT_THAT(move(), HasSubstr("give up, database_schema: there is no table inp_Nowhere"));
}

TEST_F(MailTables, TwoThatMoveAtOnceMoveEachMailOnce) {
  eye_.queryText(
      "INSERT INTO inp_EmailQueue (ToEmail, Subject, MessageBody) "
      "SELECT CONCAT('u', seq, '@example.org'), 'x', 'y' FROM seq_1_to_1000");
  configuration_.emailQueue.batchRows = 17;
  std::vector<std::thread> movers;
  for (int i = 0; i < 3; ++i) {
    movers.emplace_back([this] {
      const auto entry = makeEmailQueue(configuration_, settings(), test_support::cmsNames());
      GivenRun run("{}");
      EXPECT_EQ(endOf(*entry.handler, run), "success");
    });
  }
  for (auto& mover : movers) mover.join();
  EXPECT_EQ(count("inp_EmailQueue"), 0);
  EXPECT_EQ(count("inp_TaskQueue"), 1000);
  EXPECT_EQ(count("(SELECT DISTINCT Title FROM inp_TaskQueue) t"), 1000);
}

// At each statement in turn, the connection breaks or the database requests a retry.
TEST_F(MailTables, WhateverFailsOnTheWayEachMailBecomesOneTask) {
  constexpr unsigned kConnectionLost = 2013;
  constexpr unsigned kDeadlock = 1213;
  configuration_.emailQueue.batchRows = 2;
  int failures = 0;
  for (const auto moment : {platform::Moment::Before, platform::Moment::After}) {
    for (const unsigned error : {kConnectionLost, kDeadlock}) {
      bool passed = true;
      for (int skipped = 0; passed; ++skipped) {
        for (int i = 0; i < 5; ++i) queue("u" + std::to_string(i) + "@example.org");
        platform::armFailpoint(moment, error, skipped);
        const std::string end = move();
        passed = !platform::disarmFailpoint();
        if (end != "success") ++failures;
        // Rows still locked by a broken session are skipped; the next session finds them.
        ASSERT_TRUE(test_support::eventually(
            [&] { return move() == "success" && count("inp_EmailQueue") == 0; }, 5s));
        ASSERT_EQ(count("inp_TaskQueue"), 5) << "error " << error << " at " << skipped;
        eye_.queryText("DELETE FROM inp_TaskQueue");
        ASSERT_LT(skipped, 100);
      }
    }
  }
  EXPECT_GT(failures, 3);
}

TEST_F(MailTables, TheRateHoldsForAllSendersTogether) {
  constexpr int kPerMinute = 1200;  // 50 ms apart
  std::vector<std::thread> senders;
  std::vector<std::vector<std::chrono::milliseconds>> turns(3);
  const auto begun = std::chrono::steady_clock::now();
  for (auto& own : turns) {
    senders.emplace_back([&own, begun] {
      Connection connection(settings(), test_support::cmsNames());
      SendRate rate(connection, kPerMinute);
      for (int i = 0; i < 10; ++i) {
        const auto wait = rate.take();
        const auto now =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
        own.push_back(now + wait);
      }
    });
  }
  for (auto& sender : senders) sender.join();
  std::vector<std::chrono::milliseconds> all;
  for (const auto& own : turns) all.insert(all.end(), own.begin(), own.end());
  std::sort(all.begin(), all.end());
  ASSERT_THAT(all, SizeIs(30));
  EXPECT_GE(all.back() - all.front(), 29 * 50ms - 20ms);
  EXPECT_LE(all.back() - all.front(), 29 * 50ms + test_support::kPatience * 2s);
}

TEST_F(MailTables, ARateIsKeptToWhileSending) {
  configuration_.smtp.ratePerMinute = 300;  // 200 ms apart
  const auto sendMail = makeSendMail(configuration_.smtp, settings(), test_support::cmsNames());
  EXPECT_EQ(sendMail.settings.maxRunning, 6);
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 6; ++i) {
    GivenRun run(R"({"To":"ada@example.org","Text":""})");
    ASSERT_EQ(endOf(*sendMail.handler, run), "success");
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 5 * 200ms);
  eye_.queryText("UPDATE inp_TaskRates SET NextOnMs = NextOnMs + 60000");
  GivenRun run(R"({"To":"ada@example.org","Text":""})");
  run.cancelled = true;
  EXPECT_THAT(endOf(*sendMail.handler, run), HasSubstr("cancelled"));
  EXPECT_THAT(server_.mails(), SizeIs(6));
}

TEST_F(SendMailLaws, WhatARunHasSentBeforeItDiedIsNotSentAgain) {
  const auto resultsOfRun = [&](const std::string& token) {
    GivenRun run(R"({"To":"ada@example.org","Text":""})", 7, token);
    EXPECT_EQ(endOf(*entry_.handler, run), "success");
    return run.results;
  };
  const auto writeRun = [&](const std::string& token, const std::string& status) {
    eye_.executeText("INSERT INTO inp_TaskRuns (TaskQueueId, RunToken, Status) VALUES (7, ?, ?)",
                     {token, status});
  };
  const std::string results = resultsOfRun("released");  // its row has no token any more
  EXPECT_EQ(resultsOfRun("second"), results);
  writeRun("released", "timeout");
  EXPECT_EQ(resultsOfRun("third"), results);
  EXPECT_THAT(server_.mails(), SizeIs(1));

  eye_.queryText("UPDATE inp_TaskRuns SET Status = 'success' WHERE RunToken = 'released'");
  resultsOfRun("fourth");
  EXPECT_THAT(server_.mails(), SizeIs(2)) << "a success that somebody retries is sent again";
}

TEST_F(MailTables, AClockThatWasSetBackStopsNoMail) {
  SendRate rate(eye_, 60);
  rate.take();
  eye_.queryText("UPDATE inp_TaskRates SET NextOnMs = NextOnMs + 3600000");
  EXPECT_LE(rate.take(), 1s);
}

}  // namespace
}  // namespace taskqueue::handlers
