// Connections that send nothing, half a header or invalid data occupy no thread, and each is closed in the
// end.
#include "module/web/connections.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "module/web/fastcgi_head.h"
#include "tests/support/eventually.h"
#include "tests/support/notify_socket.h"

namespace taskqueue::web::tests {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;

std::string record(int type, const std::string& content, int id = 1, int version = 1) {
  const auto byte = [](std::size_t number) { return static_cast<char>(number & 0xFF); };
  return std::string{static_cast<char>(version), static_cast<char>(type), 0, static_cast<char>(id),
                     byte(content.size() >> 8),  byte(content.size()),    0, 0} +
         content;
}

const std::string kBegin = record(1, std::string("\0\1\0\0\0\0\0\0", 8));
const std::string kHead = kBegin + record(4, std::string("\4\5NAMEvalue", 11)) + record(4, "");

TEST(FastCgiHead, IsCompleteWithTheEndOfItsParametersAndNotBefore) {
  for (std::size_t size = 0; size < kHead.size(); ++size)
    EXPECT_EQ(headState(kHead.substr(0, size)), HeadState::Incomplete) << size;
  EXPECT_EQ(headState(kHead), HeadState::Complete);
  EXPECT_EQ(headState(kHead + record(5, "body")), HeadState::Complete);
}

TEST(FastCgiHead, RefusesWhatLibfcgiWouldWaitWith) {
  EXPECT_EQ(headState("GET / HTTP/1.1\r\n"), HeadState::Broken);
  EXPECT_EQ(headState(kBegin + record(4, "x", 2)), HeadState::Broken) << "another request";
  EXPECT_EQ(headState(kBegin + kBegin), HeadState::Broken) << "begins twice";
  EXPECT_EQ(headState(kBegin + record(5, "")), HeadState::Broken) << "a body before the parameters end";
  EXPECT_EQ(headState(record(1, "short")), HeadState::Broken);
  EXPECT_EQ(headState(record(1, std::string(8, '\0'), 0)), HeadState::Broken) << "without a number";
  EXPECT_EQ(headState(record(4, "x")), HeadState::Broken) << "without a beginning";
  EXPECT_EQ(headState(record(1, std::string(8, '\0'), 1, 2)), HeadState::Broken) << "another version";
  std::string endless = kBegin;
  while (endless.size() < kMaxHeadBytes) endless += record(4, std::string(8000, 'x'));
  EXPECT_EQ(headState(endless), HeadState::Broken);
}

// libfcgi would allocate what a pair announces, and abort the process.
TEST(FastCgiHead, RefusesPairsThatAreLongerThanTheParameters) {
  const auto stateOf = [](const std::string& parameters) {
    return headState(kBegin + record(4, parameters) + record(4, ""));
  };
  EXPECT_EQ(stateOf(std::string("\x80\0\0\1\1xy", 7)), HeadState::Complete)
      << "a long form of a short length";
  EXPECT_EQ(headState(kBegin + record(4, std::string("\4\5NA", 4)) + record(4, "MEvalue") + record(4, "")),
            HeadState::Complete)
      << "a pair in two records";
  for (const std::string& parameters :
       {std::string("\xBF\xFF\xFF\xFF\xBF\xFF\xFF\xFF", 8), std::string("\xFF\xFF\xFF\xFF\1x", 6),
        std::string("\1\xC0\0\0\0x", 6), std::string("\4\5NAMEvalu", 10), std::string("\4", 1),
        std::string("\x80\0\0", 3)})
    EXPECT_EQ(stateOf(parameters), HeadState::Broken) << parameters.size();
}

// A listening socket served by Connections, with as many threads as a small program has. Each thread answers
// "ok".
class ConnectionsTest : public ::testing::Test {
 protected:
  void begin(ConnectionLimits limits, int threads) {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &stops, nullptr);
    listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address_.sun_family = AF_UNIX;
    path_ = "/tmp/taskqueue-connections-" + std::to_string(::getpid());
    ::unlink(path_.c_str());
    path_.copy(address_.sun_path, sizeof address_.sun_path - 1);
    ASSERT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
    ASSERT_EQ(::listen(listening_, 1024), 0);
    connections_ = std::make_unique<Connections>(listening_, limits, [this] { return mayEnd_.load(); });
    loop_ = std::thread([this] {
      connections_->run();
      ended_ = true;
    });
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { answerAll(); });
  }

  void hangUp() { ::pthread_kill(loop_.native_handle(), SIGHUP); }

  void TearDown() override {
    ::unsetenv("WATCHDOG_USEC");
    for (const int client : clients_) ::close(client);
    ::pthread_kill(loop_.native_handle(), SIGTERM);
    loop_.join();
    for (auto& thread : threads_) thread.join();
    ::close(listening_);
    ::unlink(path_.c_str());
  }

  int client(const std::string& sends) {
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(made, reinterpret_cast<const sockaddr*>(&address_), sizeof address_), 0);
    EXPECT_EQ(::send(made, sends.data(), sends.size(), MSG_NOSIGNAL), static_cast<ssize_t>(sends.size()));
    clients_.push_back(made);
    return made;
  }

  // Returns what arrives until the connection ends.
  static std::string answerOf(int client) {
    std::string text(100, '\0');
    const auto size = ::recv(client, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return text;
  }

  bool answersWithin(std::chrono::milliseconds limit) {
    const auto start = std::chrono::steady_clock::now();
    return answerOf(client(kHead)) == "ok" && std::chrono::steady_clock::now() - start < limit;
  }

  std::unique_ptr<Connections> connections_;
  std::atomic<bool> unread_ = false;
  std::atomic<bool> waitsForBody_ = false;
  std::atomic<bool> mayEnd_ = true;
  std::atomic<bool> ended_ = false;

 private:
  void answerAll() {
    while (const auto connection = connections_->take()) {
      std::string head(kHead.size(), '\0');
      ::recv(*connection, head.data(), head.size(), MSG_WAITALL);
      if (waitsForBody_) {
        const Connections::Timed timed(*connections_, *connection, connections_->limits().body);
        ::recv(*connection, head.data(), 1, 0);
      }
      ::send(*connection, "ok", 2, MSG_NOSIGNAL);
      connections_->giveBack(*connection, unread_);
    }
  }

  int listening_ = -1;
  sockaddr_un address_{};
  std::string path_;
  std::thread loop_;
  std::vector<std::thread> threads_;
  std::vector<int> clients_;
};

TEST_F(ConnectionsTest, ClientsThatSendNothingOrHalfAHeadHoldNoThread) {
  begin({}, 2);
  for (int i = 0; i < 100; ++i) {
    client("");
    client(kHead.substr(0, kHead.size() - 1));
    client("nonsense that is longer than a header");
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(answersWithin(1s));
}

TEST_F(ConnectionsTest, MoreThanMayWaitMakeTheOldestGiveWay) {
  begin({.waiting = 10}, 2);
  const int oldest = client("");
  for (int i = 0; i < 200; ++i) client("");
  EXPECT_EQ(answerOf(oldest), "");
  EXPECT_TRUE(answersWithin(1s));
}

TEST_F(ConnectionsTest, AHeadThatDoesNotComeInTimeEndsTheConnection) {
  begin({.head = 300ms}, 1);
  const int half = client(kBegin);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(answerOf(half), "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
}

TEST_F(ConnectionsTest, AHeadInPartsIsAnsweredWhenItIsWhole) {
  begin({}, 1);
  const int slow = client(kHead.substr(0, 10));
  std::this_thread::sleep_for(50ms);
  ASSERT_GT(::send(slow, kHead.data() + 10, kHead.size() - 10, MSG_NOSIGNAL), 0);
  EXPECT_EQ(answerOf(slow), "ok");
}

TEST_F(ConnectionsTest, AHeadByteByByteIsCut) {
  begin({}, 1);
  const std::string endless = kBegin + record(4, std::string(8000, 'x'));
  const int slow = client("");
  bool cut = false;
  for (std::size_t i = 0; i < 1000 && !cut; ++i) {
    cut = ::send(slow, endless.data() + i, 1, MSG_NOSIGNAL) < 0;
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_TRUE(cut);
}

TEST_F(ConnectionsTest, ABodyThatDoesNotComeFreesItsThreadInTime) {
  waitsForBody_ = true;
  begin({.body = 300ms}, 1);
  const int silent = client(kHead);
  EXPECT_EQ(answerOf(silent), "") << "cut";
  waitsForBody_ = false;
  EXPECT_TRUE(answersWithin(1s));
}

TEST_F(ConnectionsTest, AClientThatGoesOnSendingGetsItsAnswerAndHoldsNoThread) {
  unread_ = true;
  begin({.linger = 1000ms}, 1);
  const int sender = client(kHead);
  EXPECT_EQ(answerOf(sender), "ok");
  const std::string more(4096, 'x');
  EXPECT_EQ(::send(sender, more.data(), more.size(), MSG_NOSIGNAL), 4096) << "no broken pipe at once";
  EXPECT_TRUE(answersWithin(1s));
  EXPECT_TRUE(eventually([&] { return ::send(sender, "x", 1, MSG_NOSIGNAL) < 0; }, 5s)) << "but in the end";
}

TEST_F(ConnectionsTest, AHangupEndsTheLoopOnlyIfTheProgramCouldStartAgain) {
  mayEnd_ = false;
  begin({}, 1);
  hangUp();
  EXPECT_TRUE(answersWithin(2s));
  EXPECT_FALSE(ended_);
  mayEnd_ = true;
  hangUp();
  EXPECT_TRUE(eventually([&] { return ended_.load(); }, 5s));
}

TEST_F(ConnectionsTest, SignsOfLifeStopWhenNoThreadTakesWhatWaits) {
  const test_support::NotifySocket systemd("@taskqueue-connections-" + std::to_string(::getpid()));
  ::setenv("WATCHDOG_USEC", "200000", 1);
  begin({}, 0);
  EXPECT_EQ(systemd.receive(2s), "READY=1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(systemd.receive(2s), "WATCHDOG=1") << "an idle program is alive";
  client(kHead);
  EXPECT_TRUE(eventually([&] { return systemd.receive(1s).empty(); }, 10s)) << "all threads hang";
  auto taken = connections_->take();
  ASSERT_TRUE(taken);
  EXPECT_EQ(systemd.receive(2s), "WATCHDOG=1");
  connections_->giveBack(*taken, false);
}

}  // namespace
}  // namespace taskqueue::web::tests
