#include "module/store/gathered_inserts.h"

#include "module/queue/store_error.h"

namespace taskqueue::store {

InsertOutcome GatheredInserts::insert(const NewTask& task, const Insert& insert) {
  Waiting own(task);
  {
    const std::lock_guard lock(mutex_);
    own.leads = writers_ < kWriters;
    if (own.leads) {
      ++writers_;
    } else {
      waiting_.push_back(&own);
    }
  }
  if (!own.leads) own.woken.acquire();
  if (own.leads) {
    std::vector<Waiting*> group{&own};
    write(group, insert);
    passOn();
    // A member may be gone as soon as it is woken.
    for (Waiting* member : group) {
      if (member != &own) member->woken.release();
    }
  }
  if (own.problem) std::rethrow_exception(own.problem);
  if (own.alone) return insert(std::span(&task, 1));
  return own.outcome;
}

void GatheredInserts::write(std::vector<Waiting*>& group, const Insert& insert) {
  const auto fail = [&group] {
    for (Waiting* member : group) member->problem = std::current_exception();
  };
  try {
    takeInto(group);
    std::vector<NewTask> tasks;
    for (const Waiting* member : group) tasks.push_back(member->task);
    const InsertOutcome outcome = insert(tasks);
    for (std::size_t i = 0; i < group.size(); ++i) group[i]->outcome.tasks = {outcome.tasks.at(i)};
  } catch (const StoreError& error) {
    if (error.kind() != StoreError::Kind::Broken || group.size() == 1) return fail();
    for (Waiting* member : group) member->alone = true;
  } catch (...) {
    fail();
  }
}

void GatheredInserts::takeInto(std::vector<Waiting*>& group) {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = group.front()->task.taskData.size();
  while (!waiting_.empty() && group.size() < kMostTasks) {
    bytes += waiting_.front()->task.taskData.size();
    if (bytes > kMostBytes) return;
    group.push_back(waiting_.front());
    waiting_.pop_front();
  }
}

// To the first that waits, on its own thread.
void GatheredInserts::passOn() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    --writers_;
    return;
  }
  Waiting* next = waiting_.front();
  waiting_.pop_front();
  next->leads = true;
  next->woken.release();
}

}  // namespace taskqueue::store
