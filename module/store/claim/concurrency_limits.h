// Knows what holds a claim back: paused queues and handlers, and the room that limits leave. A handler and
// each of its ConcurrencyKeys may have a limit. The object lives as long as the claim's transaction.
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
#include "module/store/database/connection.h"

namespace taskqueue::store {

class ConcurrencyLimits {
 public:
  // Reads all pauses and limits in one statement. If these are more than kMaxRead rows, a second statement
  // reads those of these queues and classes. learnOf() then reads those of further classes.
  ConcurrencyLimits(Connection& connection, const std::vector<std::string>& queues,
                    const std::vector<std::string>& classes);
  static constexpr std::int64_t kMaxRead = 1000;

  // Must be called before isHandlerPaused() and admit() are asked about further classes.
  void learnOf(const std::unordered_set<std::string>& classes);

  // Lets tasks of these classes that are parked at the handler's limit wait again, as many as there is room
  // for. Returns true when there were any.
  bool unpark(const std::vector<std::string>& classes);

  bool isQueuePaused(const std::string& queue) const {
    return areAllPaused_ || pausedQueues_.contains(queue);
  }
  bool isHandlerPaused(const std::string& taskHandlerClass) const {
    return pausedHandlers_.contains(taskHandlerClass);
  }

  // Takes a place for the task, or returns which limit is reached. The first call for a limited class locks
  // its limit, so that two runners never count the same room.
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
  bool areAllPaused_ = false;
  std::unordered_set<std::string> pausedQueues_;
  std::unordered_set<std::string> pausedHandlers_;
  std::unordered_map<std::string, Limit> limits_;
  bool allRead_ = true;
  std::unordered_map<std::string, int> available_;  // by class
  struct KeyRooms {
    int max = 0;                       // limit of each key; 0: none
    std::map<std::string, int> rooms;  // room left, by key, as far as it was counted or asked for
  };
  std::unordered_map<std::string, KeyRooms> keyRooms_;  // by class
};

// Returns whether a run with this key is running.
bool isKeyHeld(Connection& connection, const std::string& taskHandlerClass,
               const std::string& concurrencyKey);

// Must be called when runs of these tasks have ended or were released. Tasks parked at the limits of their
// ConcurrencyKeys wait again, as many as there is room for. It locks the limits, so that no claim parks a
// task unseen.
void unparkFreedKeys(Connection& connection, const std::vector<int>& taskIds);

}  // namespace taskqueue::store
