// What is kept how long, and the forgetting of what is older, by the overseer. Nothing goes that a live task
// needs.
#pragma once

namespace taskqueue {

class TaskStore;

// Tasks and the record of changes are what the queue is for: they are kept for ever unless somebody says
// otherwise. What tasks leave beside them is not.
struct HistoryLimits {
  // Days; 0: for ever.
  int keepDays = 0;      // tasks since their end, with their runs and all that belongs to them
  int fileDays = 30;     // files and checkpoints of tasks that have ended
  int requestDays = 30;  // Idempotency-Keys: one that comes again later makes a task
  int runnerDays = 30;   // rows of runners since their end
  int changeDays = 0;    // who changed what
  int handlerDays = 90;  // what handlers declare, since no runner offers them and no task waits for them
  // Days, more than a schedule looks back for instants that nobody saw: their record keeps each from firing
  // twice.
  int firingDays = 400;
  // So much in one transaction, and so many transactions for each kind of row in one pass.
  int rowsAtOnce = 100;
  int portionsInOnePass = 100;
};

inline constexpr int kMostHistoryDays = 36500;
inline constexpr int kFewestFiringDays = 367;

// One pass. Returns how many tasks were forgotten.
int forgetOld(TaskStore& store, const HistoryLimits& limits);

}  // namespace taskqueue
