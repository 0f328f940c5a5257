// The webhook against receivers that violate the protocol: each exchange ends in time and with little memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "module/platform/webhook_signature.h"
#include "runner/handlers/notify/webhook.h"
#include "tests/support/eventually.h"
#include "tests/support/given_run.h"
#include "tests/support/hostile_server.h"

namespace taskqueue::handlers {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using test_support::GivenRun;
using test_support::HostileServer;
using ::testing::HasSubstr;
using Peer = HostileServer::Peer;

long mostKilobytes() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return use.ru_maxrss;
}

class HostileReceiver : public ::testing::Test {
 protected:
  HostileReceiver() { writeSecret("secret\n"); }
  ~HostileReceiver() override { std::filesystem::remove(secret_); }

  void writeSecret(const std::string& text) const { std::ofstream(secret_) << text; }

  // Returns how a message ends after this answer, which `goOn` continues.
  std::string endOf(const std::string& answer, const std::function<void(const Peer&)>& goOn) {
    const HostileServer server([&](const Peer& peer) {
      request_.clear();
      for (std::string line = peer.hear(); !line.empty(); line = peer.hear()) request_ += line + "\n";
      if (peer.say(answer)) goOn(peer);
    });
    platform::WebhookConfiguration configuration;
    configuration.secretFile = secret_;
    configuration.privateTargets = true;
    configuration.sendLimit = 1s;
    GivenRun run(R"({"To":"http://127.0.0.1:)" + server.port() + R"(/","Message":{}})");
    const long before = mostKilobytes();
    const auto begun = std::chrono::steady_clock::now();
    const std::string end = test_support::endOf(*makeWebhook(configuration).handler, run);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, test_support::kPatience * 3s) << answer;
    EXPECT_LT(mostKilobytes() - before, 20000) << answer;
    return end.substr(0, end.find(':'));
  }
  std::string endOf(const std::string& answer) {
    return endOf(answer, [](const Peer&) {});
  }
  // The same, where the answer repeats `piece` endlessly.
  std::string endOfEndless(const std::string& answer, const std::string& piece) {
    return endOf(answer, [&](const Peer& peer) {
      while (peer.say(piece)) {
      }
    });
  }

  std::filesystem::path secret_ =
      std::filesystem::temp_directory_path() / ("taskqueue-secret-" + std::to_string(::getpid()));
  std::string request_;
};

TEST_F(HostileReceiver, AnswersWithoutAnEndAreCut) {
  const std::string line = "X: " + std::string(1000, 'x') + "\r\n";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(endOfEndless("HTTP/1.1 200 OK\r\n\r\n", line), "success");
  EXPECT_EQ(endOfEndless(chunked, "1\r\nx\r\n"), "success");
  EXPECT_EQ(endOfEndless(chunked + "0\r\n", line), "success");
  EXPECT_EQ(endOfEndless("HTTP/1.1 503 no\r\n", line), "retry, http_503");
  EXPECT_EQ(endOfEndless("HTTP/1.1 404 no\r\nX: ", "x"), "give up, http_404");
  EXPECT_EQ(endOfEndless("", "HTTP/1.1 100 Continue\r\n\r\n"), "retry, no_answer");
  EXPECT_EQ(endOfEndless("HTTP/1.1 200 ", "x"), "retry, no_answer");
}

// A receiver that has accepted a message must not get it again for hours.
TEST_F(HostileReceiver, TheStatusCountsThoughTheBodyIsLateOrCut) {
  const std::string head = " \r\nContent-Length: 100\r\n\r\nabc";
  EXPECT_EQ(endOf("HTTP/1.1 200" + head), "success");
  EXPECT_EQ(endOf("HTTP/1.1 410" + head), "give up, http_410");
  EXPECT_EQ(endOf("HTTP/1.1 503" + head), "retry, http_503");
  EXPECT_EQ(endOf("HTTP/1.1 200" + head,
                  [](const Peer& peer) {
                    while (peer.say("x")) std::this_thread::sleep_for(100ms);
                  }),
            "success");
}

TEST_F(HostileReceiver, WhatIsNoAnswerIsNone) {
  for (const char* answer :
       {"", "hello", "HTTP/1.1 099 x\r\n\r\n", "HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n"}) {
    EXPECT_EQ(endOf(answer), "retry, no_answer") << answer;
  }
}

TEST_F(HostileReceiver, WaitsNoLongerThanADayAndNoLessThanNothing) {
  const std::string head = "HTTP/1.1 503 no\r\nContent-Length: 0\r\nRetry-After: ";
  EXPECT_EQ(endOf(head + "Fri, 31 Dec 9999 23:59:59 GMT\r\n\r\n"), "after 86400 s, http_503");
  for (const char* wait : {"-1", "99999999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT", "soon"}) {
    EXPECT_EQ(endOf(head + wait + "\r\n\r\n"), "retry, http_503") << wait;
  }
}

// Blanks are removed as PHP's trim() does.
TEST_F(HostileReceiver, BlanksAndLineEndsAroundTheSecretDoNotCount) {
  for (const char* secret : {"secret", "secret\n", "secret\r\n", " \tsecret \n"}) {
    writeSecret(secret);
    EXPECT_EQ(endOf("HTTP/1.1 204 x\r\n\r\n"), "success");
    const auto header = [&](const std::string& name) {
      const auto at = request_.find(name + ": ") + name.size() + 2;
      return request_.substr(at, request_.find('\n', at) - at);
    };
    const platform::WebhookParts parts{std::stoi(header("X-TaskQueue-Id")),
                                       std::stoll(header("X-TaskQueue-Timestamp")),
                                       header("X-TaskQueue-Sent-By"), header("X-TaskQueue-Target"), "{}"};
    EXPECT_EQ(header("X-TaskQueue-Signature"),
              platform::webhookSignature(platform::webhookSecret("secret", parts.target), parts));
  }
}

}  // namespace
}  // namespace taskqueue::handlers
