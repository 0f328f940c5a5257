// Tasks that several threads enqueue at the same time, written in one transaction: its COMMIT and its round
// trips to the database are paid once for all of them. Nobody waits for others to come: whoever finds fewer
// than kWriters at work writes at once, and what arrives meanwhile is the next group.
//
// May be used by any number of threads.
#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <semaphore>
#include <span>
#include <vector>

#include "module/queue/task_store.h"

namespace taskqueue::store {

class InsertBatcher {
 public:
  // Inserts these, all or none, on the calling thread's own connection; the outcome has one task for each.
  using Insert = std::function<InsertOutcome(std::span<const NewTask>)>;

  static constexpr int kWriters = 2;  // while one waits for its COMMIT, the next group is on its way
  static constexpr std::size_t kMaxTasks = 64;        // of one group
  static constexpr std::size_t kMaxBytes = 1U << 20;  // of TaskData of one group, unless one task has more

  // Returns when the task is committed: by `insert`, or by that of another thread. It waits for the groups of
  // those that came before it, no longer than their statements may take. Throws what the insert threw that
  // had this task; a group that the database refuses (StoreError::Kind::Broken) is inserted again one by one,
  // so that nobody fails for another's sake.
  InsertOutcome insert(const NewTask& task, const Insert& insert);

 private:
  struct PendingInsert {
    explicit PendingInsert(const NewTask& own) : task(own) {}

    const NewTask& task;
    InsertOutcome outcome;
    std::exception_ptr problem;
    bool isLeader = false;  // it is this one's turn to write what waits
    bool alone = false;     // to be inserted by itself
    std::binary_semaphore woken{0};
  };

  // Its first is the caller's own; others join it.
  void write(std::vector<PendingInsert*>& batch, const Insert& insert);
  void fillBatch(std::vector<PendingInsert*>& batch);
  void handOff();

  std::mutex mutex_;
  std::deque<PendingInsert*> waiting_;  // in the order in which they came; of no group and without a turn yet
  int writers_ = 0;
};

}  // namespace taskqueue::store
