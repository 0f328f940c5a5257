// Wake-ups: what a datagram says, and whom it reaches.
#include "module/platform/wake.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <numeric>

#include "runner/bell.h"
#include "runner/wake_socket.h"
#include "tests/support/eventually.h"

namespace taskqueue::platform {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(WakeText, NamesTheNewTasks) {
  EXPECT_EQ(wakeText(std::vector{17, 2147483647}), "w 17 2147483647");
  EXPECT_THAT(tasksOfWakeText("w 17 2147483647"), ElementsAre(17, 2147483647));
  EXPECT_THAT(tasksOfWakeText(wakeText({})), IsEmpty());
  std::vector<int> most(kMaxWokenTasks, 2147483647);
  EXPECT_EQ(tasksOfWakeText(wakeText(most)), most);
  most.push_back(1);
  EXPECT_EQ(wakeText(most), "w");
}

TEST(WakeText, AForgedTextNamesNothing) {
  for (const std::string text : {"", "w ", "x 1", "w  1", "w 1 ", "w1", "w 0", "w -1", "w 1,2",
                                 "w 2147483648", "w 1x", "w 99999999999999999999", "w\t1"}) {
    EXPECT_THAT(tasksOfWakeText(text), IsEmpty()) << text;
  }
  std::string tooMany = "w";
  for (std::size_t i = 0; i <= kMaxWokenTasks; ++i) tooMany += " 1";
  EXPECT_THAT(tasksOfWakeText(tooMany), IsEmpty());
}

class Waking : public ::testing::Test {
 protected:
  ~Waking() override { fs::remove_all(directory_); }

  static std::string makeDirectory() {
    std::string name = fs::temp_directory_path() / "taskqueue-wake-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    return name;
  }
  const std::string directory_ = makeDirectory();
};

TEST_F(Waking, ARunnerGetsTheTasksThatEachDatagramNames) {
  runner::WakeSocket socket(directory_);
  RunnerWaker waker(directory_);
  EXPECT_FALSE(socket.receive());
  waker.wake(std::vector{1});
  waker.wake(std::vector{2, 3});
  auto wake = socket.receive();
  ASSERT_TRUE(wake);
  EXPECT_THAT(wake->newTasks, ElementsAre(1, 2, 3));
  waker.wake(std::vector{4});
  waker.wake();
  wake = socket.receive();
  ASSERT_TRUE(wake);
  EXPECT_THAT(wake->newTasks, IsEmpty()) << "one of them may mean any task";
}

TEST_F(Waking, RunnersThatComeAndGoAreNoticed) {
  RunnerWaker waker(directory_);
  waker.wake();
  {
    runner::WakeSocket socket(directory_);
    waker.wake();
    EXPECT_TRUE(socket.receive());
  }
  waker.wake();
  runner::WakeSocket next(directory_);
  waker.wake();
  EXPECT_TRUE(next.receive());
}

TEST_F(Waking, ANewDirectoryInThePlaceOfTheOldOneIsNoticed) {
  RunnerWaker waker(directory_);
  runner::WakeSocket old(directory_);
  waker.wake();
  EXPECT_TRUE(old.receive());
  fs::rename(directory_, directory_ + "-old");
  fs::create_directory(directory_);
  runner::WakeSocket next(directory_);
  waker.wake();
  EXPECT_TRUE(next.receive());
  fs::remove_all(directory_ + "-old");
}

TEST_F(Waking, TheSocketOfAKilledRunnerIsRemoved) {
  const std::string left = wakeSocketPath(directory_, ::getpid());
  {
    runner::WakeSocket socket(directory_);
    fs::rename(left, directory_ + "/runner-1.wake");
  }
  ASSERT_TRUE(fs::exists(directory_ + "/runner-1.wake"));
  RunnerWaker waker(directory_);
  waker.wake();
  EXPECT_TRUE(fs::exists(directory_ + "/runner-1.wake")) << "it may be about to listen";
  EXPECT_TRUE(test_support::eventually(
      [&] {
        waker.wake();
        return !fs::exists(directory_ + "/runner-1.wake");
      },
      10s));
}

TEST_F(Waking, AFullQueueHoldsNobodyUp) {
  runner::WakeSocket socket(directory_);
  RunnerWaker waker(directory_);
  for (int i = 1; i < 3000; ++i) waker.wake(std::vector{i});
  const auto wake = socket.receive();
  ASSERT_TRUE(wake);
  EXPECT_THAT(wake->newTasks, IsEmpty()) << "some were lost";
}

TEST_F(Waking, TheBellEndsAWaitForAWakeUpAndForARing) {
  runner::WakeSocket socket(directory_);
  runner::Bell bell(&socket);
  std::mutex mutex;
  std::unique_lock lock(mutex);
  const auto late = std::chrono::steady_clock::now() + 60s;
  wakeRunners(directory_);
  EXPECT_TRUE(bell.wait(lock, late));
  std::jthread ringer([&] {
    std::this_thread::sleep_for(10ms);
    const std::lock_guard other(mutex);
    bell.ring();
  });
  EXPECT_FALSE(bell.wait(lock, late));
  EXPECT_LT(std::chrono::steady_clock::now(), late);
  const auto soon = std::chrono::steady_clock::now() + 20ms;
  while (std::chrono::steady_clock::now() < soon) EXPECT_FALSE(bell.wait(lock, soon));
}

}  // namespace
}  // namespace taskqueue::platform
