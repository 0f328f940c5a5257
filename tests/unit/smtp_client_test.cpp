// SmtpClient against a real SMTP server that refuses, delays and hangs up.
#include "runner/mail/smtp_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/smtp_server.h"

namespace taskqueue::mail {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using test_support::SharedSmtpServer;
using test_support::SmtpServer;
using testing::HasSubstr;
using testing::SizeIs;
using Outcome = SendAnswer::Outcome;
using Tls = SmtpServer::Tls;

template <typename Server>
SmtpSettings plain(const Server& server) {
  SmtpSettings settings;
  settings.url = server.url();
  settings.requireTls = false;
  settings.sendLimit = 20s;
  return settings;
}

SmtpSettings trusting(const SmtpServer& server) {
  SmtpSettings settings = plain(server);
  settings.requireTls = true;
  settings.caFile = server.certificateFile();
  return settings;
}

MailMessage mailTo(std::string recipient, std::string content = "Subject: hello\r\n\r\nHi\r\n") {
  return {"queue@site.example", {std::move(recipient)}, std::move(content)};
}

TEST(SmtpClient, KeepsOneConnectionForSeveralMails) {
  const SharedSmtpServer server;
  SmtpClient client(plain(server));
  for (int i = 0; i < 20; ++i) {
    const auto answer = client.send(mailTo("ada@example.org"));
    ASSERT_EQ(answer.outcome, Outcome::Sent) << answer.text;
    EXPECT_EQ(answer.code, 250);
    EXPECT_EQ(answer.text, "2.0.0 taken over");
  }
  const auto mails = server.mails();
  ASSERT_THAT(mails, SizeIs(20));
  EXPECT_EQ(mails.back().connection, mails.front().connection);
  EXPECT_EQ(mails.back().from, "queue@site.example");
  EXPECT_EQ(mails.back().to, "ada@example.org");
}

TEST(SmtpClient, SendsContentUnchanged) {
  const SharedSmtpServer server;
  SmtpClient client(plain(server));
  std::string content = "Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n";
  for (int i = 0; i < 30000; ++i) content += ".line " + std::to_string(i) + "\r\n";
  ASSERT_EQ(client.send(mailTo("ada@example.org", content)).outcome, Outcome::Sent);
  ASSERT_THAT(server.mails(), SizeIs(1));
  EXPECT_TRUE(server.mails()[0].content == content);
}

TEST(SmtpClient, SpeaksTlsAndAuthenticates) {
  for (const Tls tls : {Tls::StartTls, Tls::Implicit}) {
    const SmtpServer server({.tls = tls, .user = "ada:secret"});
    SmtpSettings settings = trusting(server);
    settings.user = "ada";
    settings.password = "secret";
    SmtpClient client(settings);
    for (int i = 0; i < 2; ++i) {
      const auto answer = client.send(mailTo("ada@example.org"));
      ASSERT_EQ(answer.outcome, Outcome::Sent) << answer.text;
    }
    const auto mails = server.mails();
    ASSERT_THAT(mails, SizeIs(2));
    EXPECT_TRUE(mails[1].tls);
    EXPECT_EQ(mails[1].user, "ada");
    EXPECT_EQ(mails[1].connection, 1);
  }
}

TEST(SmtpClient, SaysNothingWithoutTlsOrWithAWrongCertificate) {
  const SharedSmtpServer open;
  EXPECT_EQ(SmtpClient([&] {
              auto settings = plain(open);
              settings.requireTls = true;
              return settings;
            }())
                .send(mailTo("ada@example.org"))
                .outcome,
            Outcome::Temporary);
  EXPECT_THAT(open.mails(), SizeIs(0));

  for (const Tls tls : {Tls::StartTls, Tls::Implicit}) {
    const SmtpServer unknown({.tls = tls});
    auto settings = trusting(unknown);
    settings.caFile = "";
    const auto answer = SmtpClient(settings).send(mailTo("ada@example.org"));
    EXPECT_EQ(answer.outcome, Outcome::Temporary);
    EXPECT_EQ(answer.code, 0);
    EXPECT_THAT(answer.text, HasSubstr("certificate"));
    EXPECT_THAT(unknown.mails(), SizeIs(0));
  }
}

TEST(SmtpClient, UsesAnUncheckedCertificateWhereTlsIsNotRequired) {
  const SmtpServer server({.tls = Tls::StartTls});
  ASSERT_EQ(SmtpClient(plain(server)).send(mailTo("ada@example.org")).outcome, Outcome::Sent);
  EXPECT_TRUE(server.mails().at(0).tls);
}

TEST(SmtpClient, AWrongPasswordIsNoFaultOfTheMail) {
  const SmtpServer server({.tls = Tls::StartTls, .user = "ada:secret"});
  auto settings = trusting(server);
  auto answer = SmtpClient(settings).send(mailTo("ada@example.org"));
  EXPECT_EQ(answer.outcome, Outcome::Temporary) << "without any password";
  EXPECT_EQ(answer.code, 530);
  settings.user = "ada";
  settings.password = "guess";
  answer = SmtpClient(settings).send(mailTo("ada@example.org"));
  EXPECT_EQ(answer.outcome, Outcome::Temporary);
  EXPECT_EQ(answer.code, 535);
}

TEST(SmtpClient, ACertificateForAnotherNameIsRefused) {
  const SmtpServer server({.tls = Tls::StartTls});  // its certificate is for 127.0.0.1
  auto settings = trusting(server);
  settings.url.replace(settings.url.find("127.0.0.1"), 9, "localhost");
  const auto answer = SmtpClient(settings).send(mailTo("ada@example.org"));
  EXPECT_EQ(answer.outcome, Outcome::Temporary);
  EXPECT_THAT(answer.text, HasSubstr("localhost"));
  EXPECT_THAT(server.mails(), SizeIs(0));
}

TEST(SmtpClient, ThePasswordIsAWholeLineWithoutItsEnd) {
  const auto file =
      std::filesystem::temp_directory_path() / ("taskqueue-password-" + std::to_string(::getpid()));
  platform::SmtpConfiguration configuration;
  configuration.passwordFile = file;
  for (const char* text : {" secret", " secret\n", " secret\r\n", " secret\nanother\n"}) {
    std::ofstream(file) << text;
    EXPECT_EQ(smtpSettings(configuration).password, " secret");
  }
  std::filesystem::remove(file);
}

TEST(SmtpClient, TellsTemporaryFromPermanentRefusals) {
  const SharedSmtpServer server;
  SmtpClient client(plain(server));
  auto answer = client.send(mailTo("busy-1@example.org"));
  EXPECT_EQ(answer.outcome, Outcome::Temporary);
  EXPECT_EQ(answer.code, 450);
  EXPECT_EQ(answer.text, "4.2.0 come back later");
  EXPECT_EQ(client.send(mailTo("busy-1@example.org")).outcome, Outcome::Sent);

  answer = client.send(mailTo("gone@example.org"));
  EXPECT_EQ(answer.outcome, Outcome::Permanent);
  EXPECT_EQ(answer.code, 550);
  EXPECT_EQ(answer.text, "5.1.1 there is no such person here");

  answer = client.send(mailTo("spam@example.org"));
  EXPECT_EQ(answer.outcome, Outcome::Permanent) << "refused after the content";
  EXPECT_EQ(answer.code, 554);
  EXPECT_EQ(client.send(mailTo("ada@example.org")).outcome, Outcome::Sent) << "one refusal spoils nothing";
}

TEST(SmtpClient, SendsToTheRecipientsThatTheServerTakesAndTellsEachAnswer) {
  const SharedSmtpServer server;
  SmtpClient client(plain(server));
  MailMessage mail = mailTo("gone@example.org");
  mail.recipients = {"gone@example.org", "ada@example.org", "busy-1@each.example", "bob@example.org"};
  auto answer = client.send(mail);
  EXPECT_EQ(answer.outcome, Outcome::Sent);
  ASSERT_THAT(answer.recipients, SizeIs(4));
  EXPECT_EQ(answer.recipients[0].outcome, Outcome::Permanent);
  EXPECT_EQ(answer.recipients[0].code, 550);
  EXPECT_EQ(answer.recipients[1].outcome, Outcome::Sent);
  EXPECT_EQ(answer.recipients[1].text, "2.0.0 taken over");
  EXPECT_EQ(answer.recipients[2].outcome, Outcome::Temporary);
  EXPECT_EQ(answer.recipients[2].text, "4.2.0 come back later");
  EXPECT_EQ(answer.recipients[3].outcome, Outcome::Sent);
  ASSERT_THAT(server.mails(), SizeIs(1));
  EXPECT_THAT(server.mails()[0].recipients, testing::ElementsAre("ada@example.org", "bob@example.org"));

  mail.recipients = {"gone@example.org", "busy-2@each.example"};
  answer = client.send(mail);
  EXPECT_NE(answer.outcome, Outcome::Sent);
  EXPECT_EQ(answer.recipients.at(0).outcome, Outcome::Permanent);
  EXPECT_EQ(answer.recipients.at(1).outcome, Outcome::Temporary);
  mail.recipients = {"spam@example.org", "gone@example.org"};
  answer = client.send(mail);
  EXPECT_EQ(answer.recipients.at(0).code, 554) << "the answer to the content";
  EXPECT_EQ(answer.recipients.at(1).code, 550);
  EXPECT_THAT(server.mails(), SizeIs(1));
}

TEST(SmtpClient, AMailMayWantNoAnswers) {
  const SharedSmtpServer server;
  SmtpClient client(plain(server));
  MailMessage mail = mailTo("ada@example.org");
  mail.from = "";
  EXPECT_EQ(client.send(mail).outcome, Outcome::Sent);
  EXPECT_EQ(server.mails().at(0).from, "<>") << "as the server writes an empty path";
}

TEST(SmtpClient, AServerThatHangsUpIsTemporary) {
  const SharedSmtpServer server;
  SmtpClient client(plain(server));
  ASSERT_EQ(client.send(mailTo("ada@example.org")).outcome, Outcome::Sent);
  for (const char* recipient : {"drop-1@example.org", "cut-1@example.org", "leave-2@example.org"}) {
    const auto answer = client.send(mailTo(recipient));
    EXPECT_EQ(answer.outcome, Outcome::Temporary) << recipient;
    EXPECT_EQ(answer.code, 0) << recipient << ": " << answer.text;
    EXPECT_EQ(client.send(mailTo(recipient)).outcome, Outcome::Sent) << recipient;
  }
  EXPECT_THAT(server.mails(), SizeIs(4));
}

TEST(SmtpClient, WhatMayHaveArrivedIsNotSentAgainAtOnce) {
  const SharedSmtpServer server;
  SmtpClient client(plain(server));
  ASSERT_EQ(client.send(mailTo("ada@example.org")).outcome, Outcome::Sent);
  const auto answer = client.send(mailTo("drop-1@arrived.example"));
  EXPECT_EQ(answer.outcome, Outcome::Temporary);
  EXPECT_THAT(answer.text, HasSubstr("may have arrived"));
  EXPECT_THAT(server.mails(), SizeIs(1)) << "a second try within the same send() would have been taken";
}

TEST(SmtpClient, AConnectionThatTheServerClosedMeanwhileIsReplaced) {
  const SmtpServer server({.idleSeconds = "1"});
  SmtpClient client(plain(server));
  ASSERT_EQ(client.send(mailTo("ada@example.org")).outcome, Outcome::Sent);
  std::this_thread::sleep_for(2s);
  ASSERT_EQ(client.send(mailTo("ada@example.org")).outcome, Outcome::Sent);
  EXPECT_EQ(server.mails().back().connection, 2);
}

TEST(SmtpClient, ADelayBeyondTheLimitIsTemporaryAndItsLateAnswerIsNotTakenForTheNextMails) {
  const SharedSmtpServer server;
  auto settings = plain(server);
  settings.sendLimit = 2s;
  SmtpClient client(settings);
  const auto begun = std::chrono::steady_clock::now();
  const auto answer = client.send(mailTo("slow-8@example.org"));
  EXPECT_EQ(answer.outcome, Outcome::Temporary);
  EXPECT_EQ(answer.code, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 8s) << "before the server's answer";
  std::this_thread::sleep_until(begun + 8500ms);  // the answer has arrived by then
  EXPECT_EQ(client.send(mailTo("gone@example.org")).outcome, Outcome::Permanent);
  const auto next = client.send(mailTo("ada@example.org"));
  EXPECT_EQ(next.outcome, Outcome::Sent) << next.text;
}

TEST(SmtpClient, NobodyListeningIsTemporary) {
  SmtpSettings settings;
  settings.url = "smtp://127.0.0.1:1";
  const auto answer = SmtpClient(settings).send(mailTo("ada@example.org"));
  EXPECT_EQ(answer.outcome, Outcome::Temporary);
  EXPECT_THAT(answer.text, HasSubstr("onnect"));
}

TEST(SmtpClient, AddressesCannotSayCommands) {
  const SharedSmtpServer server;
  SmtpClient client(plain(server));
  for (const char* recipient :
       {"", "ada@example.org>\r\nRCPT TO:<eve@example.org", "ada@example.org> NOTIFY=NEVER"}) {
    EXPECT_EQ(client.send(mailTo(recipient)).outcome, Outcome::Permanent) << recipient;
  }
  auto mail = mailTo("ada@example.org");
  mail.from = "x@y>\r\nRSET";
  EXPECT_EQ(client.send(mail).outcome, Outcome::Permanent);
  mail = mailTo("ada@example.org");
  mail.recipients.clear();
  EXPECT_EQ(client.send(mail).outcome, Outcome::Permanent);
  EXPECT_THAT(server.mails(), SizeIs(0));
}

}  // namespace
}  // namespace taskqueue::mail
