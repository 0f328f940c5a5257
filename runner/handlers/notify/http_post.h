// One POST by HTTP, within limits of time and size. Follows no redirection and uses no proxy.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace taskqueue::handlers {

struct HttpLimits {
  std::chrono::seconds connectLimit{5};
  std::chrono::seconds sendLimit{20};  // in all
  std::size_t answerBytes = 2000;      // of the answer; the rest is not read
  bool privateTargets = false;         // whether addresses may be spoken to that are not public
  std::string caFile;                  // of certificates to trust; empty: those of the machine
};

struct HttpAnswer {
  int status = 0;                                  // 0: there was none
  std::string body;                                // its beginning, valid UTF-8
  std::optional<std::chrono::seconds> retryAfter;  // what the answer asks for
  std::string problem;                             // why there was none
  bool isPrivateTarget = false;                    // the host has no address that may be spoken to
};

// Never throws for what the network or the other side does. The name is looked up once, and what it means is
// checked on the very address that is connected to.
HttpAnswer httpPost(const std::string& url, const std::vector<std::string>& headers, const std::string& body,
                    const HttpLimits& limits);

}  // namespace taskqueue::handlers
