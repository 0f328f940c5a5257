// SendMail: what is sent, to whom, and what a failure means.
#include "tests/unit/mail_tables.h"

namespace taskqueue::handlers::mail_tests {
namespace {

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

}  // namespace
}  // namespace taskqueue::handlers::mail_tests
