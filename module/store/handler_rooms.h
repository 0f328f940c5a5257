// How many more runs of each handler a claim may open. Lives as long as the claim's transaction.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "module/store/connection.h"

namespace taskqueue::store {

class HandlerRooms {
 public:
  // Reads the limits.
  explicit HandlerRooms(Connection& connection);

  // Lets tasks of these classes that were parked at their limit wait again, as many as there is room for.
  void unpark(const std::vector<std::string>& classes);

  // Takes one place; false when there is none. The first call for a limited class locks its limit, so that
  // two runners never count the same room.
  bool take(const std::string& taskHandlerClass);

 private:
  int& roomOf(const std::string& taskHandlerClass);

  Connection& connection_;
  std::unordered_map<std::string, int> limits_;
  std::unordered_map<std::string, int> rooms_;
};

}  // namespace taskqueue::store
