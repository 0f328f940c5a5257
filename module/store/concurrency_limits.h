// What holds a claim back: paused queues and handlers, and how many more runs of each handler, and of each of
// its ConcurrencyKeys, it may open. Lives as long as the claim's transaction.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "module/queue/task.h"
#include "module/store/connection.h"

namespace taskqueue::store {

class ConcurrencyLimits {
 public:
  // Reads what is paused and limited, in one statement. Where that is more than kMaxRead rows of a kind, one
  // more asks about these queues and classes, and learnOf() about others.
  ConcurrencyLimits(Connection& connection, const std::vector<std::string>& queues,
                    const std::vector<std::string>& classes);
  static constexpr std::int64_t kMaxRead = 1000;

  // To be called before isHandlerPaused() and admit() are asked about further classes.
  void learnOf(const std::unordered_set<std::string>& classes);

  // Lets tasks of these classes that were parked at their limit wait again, as many as there is room for.
  // True when there were any.
  bool unpark(const std::vector<std::string>& classes);

  bool isQueuePaused(const std::string& queue) const { return pausedQueues_.contains(queue); }
  bool isHandlerPaused(const std::string& taskHandlerClass) const {
    return pausedHandlers_.contains(taskHandlerClass);
  }

  // Takes a place for the task, or says which limit leaves none. The first call for a limited class locks its
  // limit, so that two runners never count the same room.
  enum class Admission { Admitted, HandlerFull, KeyFull };
  Admission admit(const Task& task);

 private:
  struct Limit {
    int maxRunning = 0;
    int maxRunningPerKey = 0;
  };
  void read(std::vector<Row> rows);
  void readOf(std::span<const std::string> queues, std::span<const std::string> classes);
  int& availableFor(const std::string& taskHandlerClass);
  int& availableForKey(const std::string& taskHandlerClass, const std::string& key);

  Connection& connection_;
  std::unordered_set<std::string> pausedQueues_;
  std::unordered_set<std::string> pausedHandlers_;
  std::unordered_map<std::string, Limit> limits_;
  bool allRead_ = true;
  std::unordered_map<std::string, int> available_;  // of classes
  struct KeyRooms {
    int max = 0;                       // of each key; 0: any number
    std::map<std::string, int> rooms;  // of the keys that were counted or asked for
  };
  std::unordered_map<std::string, KeyRooms> keyRooms_;  // of classes
};

// Whether a run of this key is running.
bool isKeyHeld(Connection& connection, const std::string& taskHandlerClass,
               const std::string& concurrencyKey);

// Runs of these tasks have ended or were released: what was parked at the limit of their ConcurrencyKeys
// waits again, as much as there is room for. Locks the limits, so that no claim parks a task unseen.
void unparkFreedKeys(Connection& connection, const std::vector<int>& taskIds);

}  // namespace taskqueue::store
