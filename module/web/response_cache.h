// Caches live answers for 0.4 s. All threads share it, so a hundred open overviews cost as much as one.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "module/web/request.h"

namespace taskqueue::web {

// Any thread may call any method.
class ResponseCache {
 public:
  // Returns nothing if there is no recent answer.
  std::optional<Response> find(const std::string& key);
  // Stores the response unless the cache is full, and returns it.
  Response keep(const std::string& key, Response response);

 private:
  struct Entry {
    std::chrono::steady_clock::time_point until;
    Response response;
  };

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace taskqueue::web
