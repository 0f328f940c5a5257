// What holds a claim back: paused queues and handlers, and how many more runs of each handler it may open.
// Lives as long as the claim's transaction.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "module/store/connection.h"

namespace taskqueue::store {

class Brakes {
 public:
  // Reads what is paused and limited, in one statement.
  explicit Brakes(Connection& connection);

  // Lets tasks of these classes that were parked at their limit wait again, as many as there is room for.
  void unpark(const std::vector<std::string>& classes);

  bool isQueuePaused(const std::string& queue) const { return pausedQueues_.contains(queue); }
  bool isHandlerPaused(const std::string& taskHandlerClass) const {
    return pausedHandlers_.contains(taskHandlerClass);
  }

  // Takes one place; false when there is none. The first call for a limited class locks its limit, so that
  // two runners never count the same room.
  bool take(const std::string& taskHandlerClass);

 private:
  int& roomOf(const std::string& taskHandlerClass);

  Connection& connection_;
  std::unordered_set<std::string> pausedQueues_;
  std::unordered_set<std::string> pausedHandlers_;
  std::unordered_map<std::string, int> limits_;
  std::unordered_map<std::string, int> rooms_;
};

}  // namespace taskqueue::store
