// Wakes the runners of this host after an enqueue. Each runner listens on a datagram socket in the directory
// runner.wake_directory. A datagram is "w", or "w" and the Ids of new tasks: "w 17 18". After a lost wake-up,
// the runner finds the tasks at its next poll.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::platform {

// A wake-up names at most this many tasks. A larger batch is found by a look.
inline constexpr std::size_t kMaxWokenTasks = 32;
// The longest datagram with so many Ids.
inline constexpr std::size_t kMaxWakeBytes = 1 + kMaxWokenTasks * 11;

// Returns the socket path of the runner with this PID.
std::string wakeSocketPath(const std::string& wakeDirectory, int processId);

// Returns the PIDs that the sockets in the directory are named after. A runner that was killed leaves its
// socket behind.
std::vector<int> wakeSocketOwners(const std::string& wakeDirectory);

// Writes a datagram. More than kMaxWokenTasks Ids are left out.
std::string wakeText(std::span<const int> newTasks);
// Returns the Ids that a datagram names. Anything that wakeText() does not write names none.
std::vector<int> tasksOfWakeText(std::string_view datagram);

// Wakes the runners of a directory. It keeps their sockets connected, and reads the directory again when it
// has changed. Methods may be called from any thread.
class RunnerWaker {
 public:
  // With an empty directory it wakes no runner.
  explicit RunnerWaker(std::string wakeDirectory);
  ~RunnerWaker();
  RunnerWaker(const RunnerWaker&) = delete;
  RunnerWaker& operator=(const RunnerWaker&) = delete;

  // Sends a datagram to every listening runner. Never waits and never fails. Sockets without a listener are
  // removed when they are a second old.
  void wake(std::span<const int> newTasks = {});

 private:
  struct Listener;
  struct Seen {  // identifies the directory with its entries
    dev_t device = 0;
    ino_t number = 0;
    std::int64_t changedAt = 0;  // ns
    bool operator==(const Seen&) const = default;
  };

  std::optional<Seen> look() const;
  void connectAll(const std::optional<Seen>& seen);

  const std::string directory_;
  std::mutex mutex_;
  std::optional<Seen> read_;                          // as it was when it was read; guarded by mutex_
  std::vector<std::unique_ptr<Listener>> listeners_;  // guarded by mutex_
};

// Wakes the runners once.
inline void wakeRunners(const std::string& wakeDirectory) {
  RunnerWaker(wakeDirectory).wake();
}

}  // namespace taskqueue::platform
