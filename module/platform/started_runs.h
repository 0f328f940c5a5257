// Which of its runs a runner has begun. It claims more than it has slots for; if it dies, what no handler has
// touched is given back by whoever rescues its runs on this host, and loses no try.
//
// A file of one record for each run at once, written before the run goes to its worker, and never waited for:
// a process that is killed leaves behind what it has written, and after a crash of the machine (another boot)
// the file says nothing.
//
// Methods may be called from any thread.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "module/platform/configuration.h"

namespace taskqueue::platform {

class StartedRuns {
 public:
  // In the runner.run_directory; without one, or where it cannot be written, all runs count as begun.
  StartedRuns(const Configuration& configuration, int taskRunnerId);
  ~StartedRuns();
  StartedRuns(const StartedRuns&) = delete;
  StartedRuns& operator=(const StartedRuns&) = delete;

  void add(const std::string& runToken);
  // Its end is in the table: its record may be used again. One that was never added does no harm.
  void remove(const std::string& runToken);
  // There is nothing left to rescue.
  void removeFile();

  // Tokens of all runs that the runner may have begun; nothing when that cannot be told.
  static std::optional<std::set<std::string>> read(const Configuration& configuration, int taskRunnerId);
  static void removeFile(const Configuration& configuration, int taskRunnerId);

 private:
  void removeFileLocked();

  std::string path_;
  std::string headLine_;
  std::mutex mutex_;
  int file_ = -1;                                        // guarded by mutex_
  std::unordered_map<std::string, std::size_t> places_;  // guarded by mutex_; of the records in the file
  std::vector<std::size_t> free_;                        // guarded by mutex_
};

}  // namespace taskqueue::platform
