// The webhook against a site's PHP script: which requests the script accepts, and the effect of each answer.
#include "runner/handlers/notify/webhook.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "module/json/notification.h"
#include "module/json/read.h"
#include "module/json/task_data.h"
#include "module/platform/webhook_signature.h"
#include "runner/handlers/notify/public_address.h"
#include "tests/support/given_run.h"
#include "tests/support/shell.h"
#include "tests/support/webhook_receiver.h"

namespace taskqueue::handlers {
namespace {

using test_support::endOf;
using test_support::GivenRun;
using test_support::WebhookReceiver;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string dataTo(const std::string& url) {
  EndedTask ended;
  ended.task.id = 17;
  ended.task.taskHandlerClass = "Echo";
  ended.task.title = "Prices „spring“ / 'now'";
  ended.task.lastStatus = RunStatus::Error;
  ended.notify = {.on = NotifyOn::Both, .to = url, .language = "", .taskId = std::nullopt};
  return json::makeNotification(ended, 1'700'000'000).taskData;
}

json::Document parsed(const std::string& text) {
  auto document = json::read(text, {.bytes = INT64_MAX});
  return std::move(std::get<json::Document>(document));
}

class WebhookHandler : public ::testing::Test {
 protected:
  static platform::WebhookConfiguration configurationFor(const WebhookReceiver& receiver) {
    platform::WebhookConfiguration configuration;
    configuration.secretFile = receiver.secretFile();
    configuration.privateTargets = true;
    configuration.sendLimit = std::chrono::seconds(5);
    return configuration;
  }
  // Returns how the run ended, without the message.
  static std::string send(const platform::WebhookConfiguration& configuration, const std::string& url) {
    GivenRun run(dataTo(url), 4711, "token");
    const std::string end = endOf(*makeWebhook(configuration).handler, run);
    return end.substr(0, end.find(':'));
  }
  static std::string send(const WebhookReceiver& receiver) {
    return send(configurationFor(receiver), receiver.url());
  }
};

TEST_F(WebhookHandler, IsBelievedByTheSitesScript) {
  const WebhookReceiver receiver;
  GivenRun run(dataTo(receiver.url()), 4711, "token");
  EXPECT_EQ(endOf(*makeWebhook(configurationFor(receiver)).handler, run), "success");
  ASSERT_THAT(receiver.received(), SizeIs(1));
  const auto got = parsed(receiver.received()[0]);
  EXPECT_EQ(json::textMember(got, "id"), "4711");
  EXPECT_TRUE(got["checkedByHand"].GetBool());
  ASSERT_TRUE(got["message"].IsObject()) << receiver.received()[0];
  EXPECT_EQ(json::textMember(got["message"], "Event"), "task.ended");
  EXPECT_EQ(json::textMember(got["message"], "SentBy"), "queue");
  EXPECT_EQ(json::textMember(got["message"], "Title"), "Prices „spring“ / 'now'");
  EXPECT_EQ(json::integerMember(got["message"], "TaskQueueId"), 17);
  const auto results = parsed(run.results);
  EXPECT_EQ(json::integerMember(results, "HttpStatus"), 200);
  EXPECT_EQ(json::textMember(results, "Answer").value_or("").size(), 2000U) << "of 7,000";
}

TEST_F(WebhookHandler, SaysThatItWasMadeByHandUnlessTheQueueMadeIt) {
  const WebhookReceiver receiver;
  for (const std::string more : {"", R"(,"SentBy":"hand")"}) {
    GivenRun run(R"({"To":")" + receiver.url() +
                     R"(?a=1#x","Message":{"Event":"task.ended","SentBy":"queue"})" + more + "}",
                 5, "token");
    EXPECT_EQ(endOf(*makeWebhook(configurationFor(receiver)).handler, run), "success");
    const auto got = parsed(receiver.received().back());
    ASSERT_TRUE(got["message"].IsObject()) << receiver.received().back();
    EXPECT_EQ(json::textMember(got["message"], "SentBy"), "hand")
        << "a member of the message cannot say otherwise";
    EXPECT_EQ(json::textMember(got, "target"), receiver.url() + "?a=1");
  }
}

// A message to one receiver proves nothing to another one, at another time, or about another task.
TEST_F(WebhookHandler, IsBelievedOnlyWhereAndAsItWasSent) {
  const WebhookReceiver receiver;
  EXPECT_EQ(send(receiver), "success");
  const auto answer =
      test_support::runShell("php " TASKQUEUE_SOURCE_DIRECTORY "/tests/support/php/webhook_forgeries.php " +
                             receiver.directory() + "/1.json s3cret " + receiver.url());
  EXPECT_EQ(answer.output, "5 headers, 26 refused, " + platform::webhookSecret("s3cret", receiver.url()));
}

TEST(WebhookSecret, IsOneForAnAddressHoweverItIsWritten) {
  using platform::webhookSecret;
  EXPECT_EQ(webhookSecret("m", "HTTPS://Site.Example"), webhookSecret("m", "https://site.example/?q=1#f"));
  EXPECT_NE(webhookSecret("m", "https://site.example/a"), webhookSecret("m", "https://site.example/A"));
  EXPECT_NE(webhookSecret("m", "https://site.example/a"), webhookSecret("m", "http://site.example/a"));
  EXPECT_NE(webhookSecret("m", "https://site.example/a"), webhookSecret("n", "https://site.example/a"));
}

TEST_F(WebhookHandler, IsTriedAgainUntilItIsTaken) {
  const WebhookReceiver receiver({"500", "200"});
  EXPECT_EQ(send(receiver), "retry, http_500");
  EXPECT_EQ(send(receiver), "success");
  const auto received = receiver.received();
  ASSERT_THAT(received, SizeIs(2));
  EXPECT_EQ(json::textMember(parsed(received[0]), "id"), json::textMember(parsed(received[1]), "id"));
  EXPECT_EQ(json::textMember(parsed(received[0]), "body"), json::textMember(parsed(received[1]), "body"));
}

TEST_F(WebhookHandler, WaitsAsLongAsTheAnswerAsksFor) {
  const WebhookReceiver receiver({"503 Retry-After: 7", "429 Retry-After: 9999999", "408", "425"});
  EXPECT_EQ(send(receiver), "after 7 s, http_503");
  EXPECT_EQ(send(receiver), "after 86400 s, http_429");
  EXPECT_EQ(send(receiver), "retry, http_408");
  EXPECT_EQ(send(receiver), "retry, http_425");
}

TEST_F(WebhookHandler, IsGivenUpWhereItIsNotWanted) {
  const WebhookReceiver receiver({"410", "404", "302 Location: http://127.0.0.1:1/"});
  EXPECT_EQ(send(receiver), "give up, http_410");
  EXPECT_EQ(send(receiver), "give up, http_404");
  EXPECT_EQ(send(receiver), "give up, http_302");
  EXPECT_THAT(receiver.received(), SizeIs(3));
}

TEST_F(WebhookHandler, WithAnotherSecretIsNotBelieved) {
  const WebhookReceiver receiver;
  const WebhookReceiver other({}, "another");
  EXPECT_EQ(send(configurationFor(other), receiver.url()), "give up, http_403");
  EXPECT_THAT(receiver.received().at(0), HasSubstr("not signed by the queue"));
}

TEST_F(WebhookHandler, SpeaksToNoPrivateAddressUnlessItMay) {
  const WebhookReceiver receiver;
  auto configuration = configurationFor(receiver);
  configuration.privateTargets = false;
  const std::string port = receiver.url().substr(receiver.url().rfind(':'));
  for (const std::string host :
       {"127.0.0.1", "localhost", "[::1]", "2130706433", "0", "127.1", "0x7f.1", "017700000001", "[::]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[fe80::1%25lo]"}) {
    EXPECT_EQ(send(configuration, "http://" + host + port), "give up, private_target") << host;
  }
  EXPECT_THAT(receiver.received(), IsEmpty());
}

TEST_F(WebhookHandler, IsTriedAgainWhenNobodyAnswers) {
  const WebhookReceiver receiver;
  auto configuration = configurationFor(receiver);
  EXPECT_EQ(send(configuration, "http://127.0.0.1:" + std::to_string(test_support::freePort()) + "/"),
            "retry, no_answer");

  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent, 1), 0);
  ASSERT_EQ(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  configuration.sendLimit = std::chrono::seconds(1);
  EXPECT_EQ(send(configuration, "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"),
            "retry, no_answer");
  ::close(silent);
}

TEST_F(WebhookHandler, KnowsOnlyHttp) {
  const WebhookReceiver receiver;
  for (const std::string url :
       {"ftp://cms.example/", "file:///etc/passwd", "http://", "http://u:p@cms.example/", "http://a b/"}) {
    EXPECT_EQ(send(configurationFor(receiver), url), "give up, bad_target") << url;
  }
}

TEST_F(WebhookHandler, WithoutAReadableSecretSendsNothing) {
  const WebhookReceiver receiver;
  auto configuration = configurationFor(receiver);
  configuration.secretFile = "/nonexistent";
  EXPECT_EQ(send(configuration, receiver.url()), "retry, secret_unreadable");
  EXPECT_THAT(receiver.received(), IsEmpty());
}

TEST_F(WebhookHandler, TakesTheDataThatTheQueueMakes) {
  platform::WebhookConfiguration configuration;
  const HandlerEntry entry = makeWebhook(configuration);
  EXPECT_THAT(json::checkTaskData(dataTo("https://cms.example/"), entry.dataSchema, {}), IsEmpty());
  const health::HealthCheck waits{
      .name = "waiting tasks", .event = "queue.waits", .subject = "slow", .since = 5};
  const NewTask task = json::makeNotification(waits, "https://cms.example/", /*now=*/9);
  EXPECT_THAT(json::checkTaskData(task.taskData, entry.dataSchema, {}), IsEmpty());
  EXPECT_THAT(task.taskData, HasSubstr("\"WaitSeconds\":4"));
}

TEST(PublicAddress, IsWhatAnybodyCouldReach) {
  const auto isPublic = [](const char* text) {
    sockaddr_storage storage{};
    auto* ip4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* ip6 = reinterpret_cast<sockaddr_in6*>(&storage);
    if (::inet_pton(AF_INET, text, &ip4->sin_addr) == 1) {
      ip4->sin_family = AF_INET;
    } else if (::inet_pton(AF_INET6, text, &ip6->sin6_addr) == 1) {
      ip6->sin6_family = AF_INET6;
    }
    return isPublicAddress(*reinterpret_cast<const sockaddr*>(&storage));
  };
  for (const char* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.0.1", "100.128.0.1", "172.15.1.1",
                           "172.32.0.1", "192.167.1.1", "223.255.255.255", "2606:4700::1", "2a00::1"}) {
    EXPECT_TRUE(isPublic(text)) << text;
  }
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:8.8.8.8",
                           "64:ff9b::808:808",
                           "2002:7f00:1::",
                           "2001::1",
                           "2001:db8::1",
                           "fc00::1",
                           "fd12::1",
                           "fe80::1",
                           "ff02::1",
                           "nonsense"}) {
    EXPECT_FALSE(isPublic(text)) << text;
  }
}

}  // namespace
}  // namespace taskqueue::handlers
