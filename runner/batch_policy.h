// Decides how many runs a worker gets at once, from the recent runs of each handler. Only runs that were
// short and wrote nothing are worth it: a long run would hold up those behind it, and output must be read run
// by run.
//
// This class has no clock and belongs to the loop thread.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace taskqueue::runner {

class BatchPolicy {
 public:
  using Duration = std::chrono::steady_clock::duration;

  static constexpr int kMaxRuns = 64;                         // of a batch
  static constexpr std::chrono::milliseconds kWork{5};        // work of a batch, judged by recent runs
  static constexpr std::size_t kMaxTaskDataBytes = 16 << 10;  // of a run in a batch
  // A run that takes longer keeps the runs behind it no further: they are taken back.
  static constexpr std::chrono::milliseconds kLongRun{20};

  // Records a run that has ended. `took` is what its worker has measured.
  void ended(const std::string& taskHandlerClass, Duration took, bool isSilent);

  // Returns whether `count` runs of this handler, or of several, may be in one batch.
  bool mayHave(const std::string& taskHandlerClass, int count) const;
  // Returns how long a run of this handler takes; a long time when that is unknown.
  Duration expected(const std::string& taskHandlerClass) const;

 private:
  struct State {
    int most = 1;  // doubles with each batch that went well
    int inARow = 0;
    Duration average{};
  };

  std::map<std::string, State> states_;
};

}  // namespace taskqueue::runner
