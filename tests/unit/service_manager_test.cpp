#include "module/platform/service_manager.h"

#include <gtest/gtest.h>

#include "tests/support/notify_socket.h"

namespace taskqueue::platform {
namespace {

using namespace std::chrono_literals;

class ServiceManager : public ::testing::Test {
 protected:
  ~ServiceManager() override {
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
  }
};

TEST_F(ServiceManager, BothKindsOfSocketsAreReached) {
  for (const char* kind : {"/tmp/taskqueue-notify-", "@taskqueue-notify-"}) {
    const test_support::NotifySocket systemd(kind + std::to_string(::getpid()));
    EXPECT_TRUE(notifyServiceManager("READY=1")) << kind;
    EXPECT_EQ(systemd.receive(1s), "READY=1") << kind;
  }
}

TEST_F(ServiceManager, WithoutSystemdNothingIsSent) {
  EXPECT_FALSE(notifyServiceManager("READY=1"));
  for (const std::string& name : {std::string("relative"), std::string(), "/" + std::string(200, 'x')}) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    EXPECT_FALSE(notifyServiceManager("READY=1")) << name;
  }
  ::unsetenv("NOTIFY_SOCKET");
}

TEST_F(ServiceManager, ASignOfLifeIsDueAtHalfOfTheTime) {
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ServiceWatchdog watchdog;
  EXPECT_EQ(watchdog.interval(), 15s);
  const auto now = ServiceWatchdog::Clock::now();
  EXPECT_TRUE(watchdog.isDue(now)) << "the first one is due at once";
  watchdog.send(now);
  EXPECT_FALSE(watchdog.isDue(now + 14s));
  EXPECT_TRUE(watchdog.isDue(now + 15s));
}

TEST_F(ServiceManager, NoSignOfLifeIsSentForAnotherProcessOrAWrongTime) {
  EXPECT_FALSE(ServiceWatchdog().interval());
  for (const char* wrong : {"", "0", "-1", "1000", "soon", "1e9"}) {
    ::setenv("WATCHDOG_USEC", wrong, 1);
    EXPECT_FALSE(ServiceWatchdog().interval()) << wrong;
  }
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_FALSE(ServiceWatchdog().interval());
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_TRUE(ServiceWatchdog().interval());
}

}  // namespace
}  // namespace taskqueue::platform
