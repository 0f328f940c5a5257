// Records which runs a runner has started. A runner prefetches more runs than it has slots. If it dies, the
// process that rescues its runs on this host releases the others, which lose no try.
//
// The file has one record for each current run, written before the run goes to its worker but never synced to
// disk. The records survive a killed process. After a reboot the file is ignored. Runs that a worker got in
// one batch are in its BatchRecord until the next batch; the file names these records.
//
// Any thread may call the methods.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "module/platform/configuration.h"

namespace taskqueue::platform {

class StartedRuns {
 public:
  // Uses runner.run_directory. Without one, or if it cannot be written, all runs count as started.
  // `runnerName` is that of the runner's batch records.
  StartedRuns(const Configuration& configuration, int taskRunnerId, const std::string& runnerName = "");
  ~StartedRuns();
  StartedRuns(const StartedRuns&) = delete;
  StartedRuns& operator=(const StartedRuns&) = delete;

  void add(const std::string& runToken);
  // Expects the runs of a batch, which are in a BatchRecord as yet.
  void expect(std::span<const std::string> runTokens);
  // Writes the expected runs that have no end in the table yet, because their BatchRecord will forget them.
  void keep(std::span<const std::string> runTokens);
  // Frees the record of a run after its end was written to the table. An unknown token has no effect.
  void remove(const std::string& runToken);
  // Removes the file when no run is left to rescue.
  void removeFile();

  // Returns the tokens of all runs that the runner may have started, or nothing if this is unknown.
  static std::optional<std::set<std::string>> read(const Configuration& configuration, int taskRunnerId);
  static void removeFile(const Configuration& configuration, int taskRunnerId);

 private:
  std::size_t takePlaceLocked();
  void writeLocked(const std::string& records, std::size_t place);
  void removeFileLocked();

  std::string path_;
  std::string head_;
  std::mutex mutex_;
  int file_ = -1;  // guarded by mutex_
  std::unordered_map<std::string, std::size_t>
      places_;                     // records in the file by run token, or kInBatchRecord; guarded by mutex_
  std::size_t records_ = 0;        // in the file; guarded by mutex_
  std::vector<std::size_t> free_;  // guarded by mutex_
};

}  // namespace taskqueue::platform
