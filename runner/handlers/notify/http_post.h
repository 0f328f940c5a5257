// One HTTP POST with limits of time and size. It follows no redirects and uses no proxy.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace taskqueue::handlers {

struct HttpLimits {
  std::chrono::seconds connectLimit{5};
  std::chrono::seconds sendLimit{20};  // for the whole exchange
  std::size_t answerBytes = 2000;      // longest answer; the rest is not read
  bool privateTargets = false;         // whether non-public addresses are allowed
  std::string caFile;                  // CA certificates to trust; empty: those of the machine
};

struct HttpAnswer {
  int status = 0;                                  // 0: no answer
  std::string body;                                // beginning of the answer, valid UTF-8
  std::optional<std::chrono::seconds> retryAfter;  // from the header Retry-After
  std::string problem;                             // why there is no answer
  bool isPrivateTarget = false;                    // the host has no allowed address
};

// Never throws for errors of the network or of the other side. The name is looked up once, and the address to
// which it connects is the one that was checked.
HttpAnswer httpPost(const std::string& url, const std::vector<std::string>& headers, const std::string& body,
                    const HttpLimits& limits);

}  // namespace taskqueue::handlers
