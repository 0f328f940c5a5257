// Writes tasks that several threads enqueue at the same time in one transaction, so that they share its
// COMMIT and its round trips. No thread waits for others to come: if fewer than kWriters are writing, it
// writes at once. The tasks that arrive meanwhile are the next batch.
//
// Any number of threads may use it.
#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <semaphore>
#include <span>
#include <vector>

#include "module/queue/store/task_store.h"

namespace taskqueue::store {

class InsertBatcher {
 public:
  // Inserts all of these tasks or none, on the calling thread's own connection. The outcome has one task for
  // each.
  using Insert = std::function<InsertOutcome(std::span<const NewTask>)>;

  // While one writer waits for its COMMIT, the next batch is on its way.
  static constexpr int kWriters = 2;
  static constexpr std::size_t kMaxTasks = 64;        // tasks in one batch
  static constexpr std::size_t kMaxBytes = 1U << 20;  // TaskData in one batch, unless one task has more

  // Returns when the task is committed, by `insert` or by that of another thread. It waits for the batches of
  // earlier callers, no longer than their statements may take. Throws the error of the batch that held this
  // task. A batch that the database refuses (StoreError::Kind::Broken) is inserted again task by task, so one
  // bad task fails alone.
  InsertOutcome insert(const NewTask& task, const Insert& insert);

 private:
  struct PendingInsert {
    explicit PendingInsert(const NewTask& own) : task(own) {}

    const NewTask& task;
    InsertOutcome outcome;
    std::exception_ptr problem;
    bool isLeader = false;  // this thread writes what waits
    bool alone = false;     // the task must be inserted by itself
    std::binary_semaphore woken{0};
  };

  // The first member of `batch` is the caller's own; others join it.
  void write(std::vector<PendingInsert*>& batch, const Insert& insert);
  void fillBatch(std::vector<PendingInsert*>& batch);
  void handOff();

  std::mutex mutex_;
  std::deque<PendingInsert*> waiting_;  // in the order of arrival; in no batch yet
  int writers_ = 0;
};

}  // namespace taskqueue::store
