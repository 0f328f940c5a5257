// Finds API tokens by their secret. Tokens in the configuration have the role admin. Each token in
// web.api_tokens_file has a name, a role and a scope. The file is read again after it has changed.
#pragma once

#include <chrono>
#include <ctime>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/platform/configuration.h"
#include "module/web/api_token.h"

namespace taskqueue::web {

inline constexpr std::chrono::seconds kTokensKept{5};  // time between two checks of the file for changes

// Reads a file of tokens. Throws platform::ConfigurationError.
std::vector<ApiToken> readApiTokens(const std::string& path);

// Any thread may call any method.
class ApiTokens {
 public:
  // Throws platform::ConfigurationError if the file is invalid.
  explicit ApiTokens(const platform::WebConfiguration& configuration,
                     std::chrono::seconds kept = kTokensKept);

  std::optional<ApiToken> find(std::string_view secret) const;

 private:
  struct Version {
    timespec changedOn{};  // content, rights or owner; unlike the time of the content, no program can set it
    long long bytes = -1;
    unsigned long long device = 0;
    unsigned long long inode = 0;
    bool operator==(const Version& other) const;
  };

  Version versionOfFile() const;
  void refresh() const;

  const std::string path_;
  const std::chrono::seconds kept_;
  std::vector<ApiToken> ofConfiguration_;

  mutable std::mutex mutex_;
  mutable std::vector<ApiToken> ofFile_;
  mutable Version version_;
  mutable std::chrono::steady_clock::time_point lookedAt_;
};

}  // namespace taskqueue::web
