// This runner's datagram socket for wake-ups (module/platform/wake.h).
//
// Thread rule: one thread uses it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/platform/descriptor.h"

namespace taskqueue::runner {

class WakeSocket {
 public:
  // Without a usable directory, the runner finds tasks only by polling, and the log says so.
  explicit WakeSocket(const std::string& wakeDirectory);
  ~WakeSocket();
  WakeSocket(const WakeSocket&) = delete;
  WakeSocket& operator=(const WakeSocket&) = delete;

  int descriptor() const { return socket_.number(); }  // -1: there is none

  struct Wake {
    // The new tasks that all wake-ups named. Empty if one named none, if they are too many, or if others may
    // have been lost: then a look finds them.
    std::vector<int> newTasks;
  };
  // Takes the waiting wake-ups; never waits. Returns nothing when there was none.
  std::optional<Wake> receive();

 private:
  platform::Descriptor socket_;
  std::string path_;
};

}  // namespace taskqueue::runner
