#include "module/store/tasks/insert_batcher.h"

#include "module/queue/store_error.h"

namespace taskqueue::store {

InsertOutcome InsertBatcher::insert(const NewTask& task, const Insert& insert) {
  PendingInsert own(task);
  {
    const std::lock_guard lock(mutex_);
    own.isLeader = writers_ < kWriters;
    if (own.isLeader) {
      ++writers_;
    } else {
      waiting_.push_back(&own);
    }
  }
  if (!own.isLeader) own.woken.acquire();
  if (own.isLeader) {
    std::vector<PendingInsert*> batch{&own};
    write(batch, insert);
    handOff();
    // A member may be destroyed as soon as its thread is woken.
    for (PendingInsert* member : batch) {
      if (member != &own) member->woken.release();
    }
  }
  if (own.problem) std::rethrow_exception(own.problem);
  if (own.alone) return insert(std::span(&task, 1));
  return own.outcome;
}

void InsertBatcher::write(std::vector<PendingInsert*>& batch, const Insert& insert) {
  const auto fail = [&batch] {
    for (PendingInsert* member : batch) member->problem = std::current_exception();
  };
  try {
    fillBatch(batch);
    std::vector<NewTask> tasks;
    for (const PendingInsert* member : batch) tasks.push_back(member->task);
    const InsertOutcome outcome = insert(tasks);
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->outcome.tasks = {outcome.tasks.at(i)};
  } catch (const StoreError& error) {
    if (error.kind() != StoreError::Kind::Broken || batch.size() == 1) return fail();
    for (PendingInsert* member : batch) member->alone = true;
  } catch (...) {
    fail();
  }
}

void InsertBatcher::fillBatch(std::vector<PendingInsert*>& batch) {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = batch.front()->task.taskData.size();
  while (!waiting_.empty() && batch.size() < kMaxTasks) {
    bytes += waiting_.front()->task.taskData.size();
    if (bytes > kMaxBytes) return;
    batch.push_back(waiting_.front());
    waiting_.pop_front();
  }
}

// Makes the first waiting thread the leader, or ends this writer's turn.
void InsertBatcher::handOff() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    --writers_;
    return;
  }
  PendingInsert* next = waiting_.front();
  waiting_.pop_front();
  next->isLeader = true;
  next->woken.release();
}

}  // namespace taskqueue::store
