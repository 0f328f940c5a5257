// Tells which runs of a batch have begun, also after the runner and its worker were killed.
//
// A runner hands a worker several short runs at once. The worker notes each one that it begins; the runner
// takes back those that it has not begun. Both write to one file, which the worker has as descriptor 4;
// runner/PROTOCOL.md describes it. A rescuer releases the runs that had not begun.
#pragma once

#include <set>
#include <span>
#include <string>

#include "module/platform/configuration.h"
#include "module/platform/descriptor.h"

namespace taskqueue::platform {

// The file of one worker. One thread uses it.
class BatchRecord {
 public:
  static constexpr int kMaxRuns = 100;  // of a batch; the file counts them in one byte

  // Makes the file. Without a run directory, or when it cannot be made, there are no batches.
  BatchRecord(const Configuration& configuration, const std::string& runnerName, int number);
  ~BatchRecord();
  BatchRecord(const BatchRecord&) = delete;
  BatchRecord& operator=(const BatchRecord&) = delete;

  // Returns the descriptor for the worker, or -1.
  int descriptor() const { return file_.number(); }

  // Notes the runs of a new batch, of which the worker begins the first one at once. The worker must have no
  // run. Returns false when this cannot be noted: hand the runs over one by one.
  bool handOver(std::span<const std::string> runTokens);

  // Lets the worker begin no further run. Returns how many runs of the batch it may have begun so far.
  int holdBack();

  // Returns the tokens of all runs that workers of this runner had begun in their batches.
  static std::set<std::string> readBegun(const Configuration& configuration, const std::string& runnerName);
  // Removes the files of a dead runner.
  static void removeAll(const Configuration& configuration, const std::string& runnerName);

 private:
  int readBegunCount() const;

  std::string path_;
  Descriptor file_;
};

}  // namespace taskqueue::platform
