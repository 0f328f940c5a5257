// Live answers of the last second, shared by all threads: a hundred open overviews cost what one does.
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
  // Nothing when there is none young enough.
  std::optional<Response> find(const std::string& key);
  // Keeps it, unless too many are kept already, and returns it.
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
