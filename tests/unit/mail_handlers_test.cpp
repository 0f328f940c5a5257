// EmailQueue: the mails of the CMS become tasks. The rate of all senders, and the headers of PHP.
#include "tests/unit/mail_tables.h"

namespace taskqueue::handlers::mail_tests {
namespace {

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

TEST_F(MailTables, AClockThatWasSetBackStopsNoMail) {
  SendRate rate(eye_, 60);
  rate.take();
  eye_.queryText("UPDATE inp_TaskRates SET NextOnMs = NextOnMs + 3600000");
  EXPECT_LE(rate.take(), 1s);
}

}  // namespace
}  // namespace taskqueue::handlers::mail_tests
