// SmtpClient against servers that violate the protocol: it always ends in time and reports what happened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <functional>
#include <future>
#include <map>
#include <thread>

#include "runner/mail/smtp_client.h"
#include "tests/support/eventually.h"
#include "tests/support/hostile_server.h"

namespace taskqueue::mail {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using test_support::HostileServer;
using test_support::kPatience;
using Outcome = SendAnswer::Outcome;
using Peer = HostileServer::Peer;

SmtpSettings settingsFor(const HostileServer& server) {
  SmtpSettings settings;
  settings.url = "smtp://127.0.0.1:" + server.port();
  settings.requireTls = false;
  settings.sendLimit = 1s;
  return settings;
}

const MailMessage kMail{"queue@site.example", {"ada@example.org"}, "Subject: hello\r\n\r\nHi\r\n"};

// Answers like a correct server until the command that begins with this word, then calls `attack`.
void sayUntil(const Peer& peer, std::string_view word, const std::function<void(const Peer&)>& attack) {
  if (word == "greeting") return attack(peer);
  if (!peer.say("220 test\r\n")) return;
  for (;;) {
    const std::string command = peer.hear();
    if (command.empty()) return;
    if (command.starts_with(word)) return attack(peer);
    if (command.starts_with("DATA")) {
      peer.say("354 go on\r\n");
      while (peer.hear() != ".") {
      }
      if (word == "content") return attack(peer);
      peer.say("250 taken\r\n");
      continue;
    }
    if (!peer.say("250 fine\r\n")) return;
  }
}

constexpr std::array<const char*, 6> kSteps{"greeting", "EHLO", "MAIL", "RCPT", "DATA", "content"};

long mostKilobytes() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return use.ru_maxrss;
}

// Returns the outcome of a mail. It must come within the time limit and with little memory, whatever the
// server does.
SendAnswer sendAgainst(const char* step, const std::function<void(const Peer&)>& attack) {
  const HostileServer server([&](const Peer& peer) { sayUntil(peer, step, attack); });
  const long before = mostKilobytes();
  const auto begun = std::chrono::steady_clock::now();
  SendAnswer answer = SmtpClient(settingsFor(server)).send(kMail);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, kPatience * 4s) << step << ", with the goodbye";
  EXPECT_LT(mostKilobytes() - before, 20000) << step;
  EXPECT_LE(answer.text.size(), 1000U) << step;
  return answer;
}

void listen(const Peer& peer) {
  while (!peer.hear().empty()) {
  }
}

TEST(HostileSmtpServer, WhoNeverAnswersInFullIsTemporary) {
  const std::string megabyte(1 << 20, 'x');
  const std::map<std::string, std::function<void(const Peer&)>> attacks{
      {"hangs up", [](const Peer&) {}},
      {"goes on and on",
       [](const Peer& peer) {
         while (peer.say("250-and another thing\r\n")) {
         }
       }},
      {"does not end its line",
       [&](const Peer& peer) {
         while (peer.say(megabyte)) {
         }
       }},
      {"drips",
       [](const Peer& peer) {
         while (peer.say("2")) std::this_thread::sleep_for(50ms);
       }},
      {"says NUL",
       [](const Peer& peer) {
         peer.say({"\0\0\0\r\n", 5}), listen(peer);
       }},
      {"speaks HTTP", [](const Peer& peer) { peer.say("HTTP/1.1 200 OK\r\n\r\n"), listen(peer); }},
      {"says no code of SMTP", [](const Peer& peer) { peer.say("999 x\r\n"), listen(peer); }},
  };
  for (const auto& [name, attack] : attacks) {
    std::vector<std::future<SendAnswer>> answers;
    for (const char* step : kSteps)
      answers.push_back(
          std::async(std::launch::async, [step, &attack] { return sendAgainst(step, attack); }));
    for (std::size_t i = 0; i < kSteps.size(); ++i)
      EXPECT_EQ(answers[i].get().outcome, Outcome::Temporary) << name << " at " << kSteps[i];
  }
}

TEST(HostileSmtpServer, ARefusalCountsThoughNoGoodbyeIsAnswered) {
  for (const char* step : {"MAIL", "RCPT", "DATA", "content"}) {
    const auto answer = sendAgainst(step, [](const Peer& peer) {
      peer.say("550 a\x1b[31m\r\x01\xff b\r\n");
      listen(peer);
    });
    EXPECT_EQ(answer.outcome, Outcome::Permanent) << step;
    EXPECT_EQ(answer.text, "a?[31m??? b") << step;
  }
}

TEST(HostileSmtpServer, AnswersToRecipientsAreNotMistakenForEachOther) {
  const HostileServer server([](const Peer& peer) {
    int recipients = 0;
    sayUntil(peer, "RCPT", [&](const Peer& talk) {
      talk.say("250-first\r\n550 still the first\r\n");  // the code of the last line counts
      for (std::string command = talk.hear(); command.starts_with("RCPT"); command = talk.hear())
        talk.say(++recipients == 1 ? "552 too many\r\n" : "250 fine\r\n");
      talk.say("354 go on\r\n");
      while (talk.hear() != ".") {
      }
      talk.say("250 taken\r\n");
      listen(talk);
    });
  });
  MailMessage mail = kMail;
  mail.recipients = {"a@example.org", "b@example.org", "c@example.org"};
  const auto answer = SmtpClient(settingsFor(server)).send(mail);
  EXPECT_EQ(answer.outcome, Outcome::Sent) << answer.text;
  ASSERT_EQ(answer.recipients.size(), 3U);
  EXPECT_EQ(answer.recipients[0].outcome, Outcome::Permanent);
  EXPECT_EQ(answer.recipients[1].outcome, Outcome::Temporary)
      << "552 beside recipients that are taken (RFC 5321)";
  EXPECT_EQ(answer.recipients[2].outcome, Outcome::Sent);
}

TEST(HostileSmtpServer, AKeptConnectionThatFallsSilentHoldsNobody) {
  const HostileServer server([](const Peer& peer) { sayUntil(peer, "QUIT", &listen); });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(SmtpClient(settingsFor(server)).send(kMail).outcome, Outcome::Sent);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, kPatience * 2s);
}

// An attacker on the path can remove STARTTLS from the answer, or reject it.
TEST(HostileSmtpServer, WithoutTlsNothingIsSaidOfTheMail) {
  for (const char* answer : {"250 fine\r\n", "250-fine\r\n250 STARTTLS\r\n"}) {
    std::string heard;
    HostileServer server([&](const Peer& peer) {
      peer.say("220 test\r\n");
      peer.hear();
      peer.say(answer);
      for (std::string line = peer.hear(); !line.empty(); line = peer.hear()) {
        heard += line + "\n";
        peer.say("454 not now\r\n");
      }
    });
    auto settings = settingsFor(server);
    settings.requireTls = true;
    settings.user = "ada";
    settings.password = "secret";
    EXPECT_EQ(SmtpClient(settings).send(kMail).outcome, Outcome::Temporary);
    server.stop();
    EXPECT_THAT(heard, testing::AnyOf("", "STARTTLS\n", "QUIT\n", "STARTTLS\nQUIT\n"));
  }
}

}  // namespace
}  // namespace taskqueue::mail
