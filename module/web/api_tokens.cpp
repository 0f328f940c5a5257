#include "module/web/api_tokens.h"

#include <sys/stat.h>

#include <algorithm>

#include "module/platform/log.h"
#include "module/platform/secret.h"
#include "module/platform/settings_file.h"

namespace taskqueue::web {
namespace {

constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kNameBytes = 64;
constexpr const char* kSection = "token";

bool isHash(const std::string& text) {
  return text.size() == kHashDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool isName(const std::string& text) {
  return text.size() <= kNameBytes &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string::npos;
}

ApiToken tokenOf(platform::SettingsFile& file, const std::string& name) {
  const auto key = [&](const std::string& setting) {
    return std::string(kSection) + "." + name + "." + setting;
  };
  ApiToken token{.name = name};
  token.sha256 = file.text(key("sha256"), "");
  if (!isName(name))
    file.refuse(key("sha256"), "belongs to a name that is not 1 to 64 letters, digits, '_' or '-'");
  if (!isHash(token.sha256)) {
    file.refuse(key("sha256"),
                "must be the SHA-256 of the token in 64 hexadecimal digits: printf %s TOKEN | sha256sum");
  }
  const auto role = apiRoleOf(file.text(key("role"), ""));
  if (!role) file.refuse(key("role"), "must be enqueue, viewer, operator or admin");
  token.role = *role;
  token.queues = file.words(key("queues"), {});
  token.handlers = file.words(key("handlers"), {});
  return token;
}

}  // namespace

std::vector<ApiToken> readApiTokens(const std::string& path) {
  platform::SettingsFile file(path);
  std::vector<ApiToken> tokens;
  for (const std::string& name : file.sectionsOf(kSection)) tokens.push_back(tokenOf(file, name));
  file.refuseUnknown();
  return tokens;
}

std::optional<ApiRole> apiRoleOf(std::string_view word) {
  if (word == "enqueue") return ApiRole::Enqueue;
  if (word == "viewer") return ApiRole::View;
  if (word == "operator") return ApiRole::Operate;
  if (word == "admin") return ApiRole::Administer;
  return std::nullopt;
}

const char* toString(ApiRole role) {
  switch (role) {
    case ApiRole::Enqueue:
      return "enqueue";
    case ApiRole::View:
      return "viewer";
    case ApiRole::Operate:
      return "operator";
    case ApiRole::Administer:
      return "admin";
  }
  return "admin";
}

bool ApiToken::may(ApiRole wanted) const {
  switch (role) {
    case ApiRole::Enqueue:
      return wanted == ApiRole::Enqueue;
    case ApiRole::View:
      return wanted == ApiRole::View;
    case ApiRole::Operate:
      return wanted != ApiRole::Administer;
    case ApiRole::Administer:
      return true;
  }
  return false;
}

bool ApiToken::coversQueue(const std::string& queue) const {
  return queues.empty() || std::find(queues.begin(), queues.end(), queue) != queues.end();
}

bool ApiToken::coversHandler(const std::string& taskHandlerClass) const {
  return handlers.empty() || std::find(handlers.begin(), handlers.end(), taskHandlerClass) != handlers.end();
}

bool ApiTokens::Version::operator==(const Version& other) const {
  return changedOn.tv_sec == other.changedOn.tv_sec && changedOn.tv_nsec == other.changedOn.tv_nsec &&
         bytes == other.bytes && device == other.device && inode == other.inode;
}

ApiTokens::ApiTokens(const platform::WebConfiguration& configuration, std::chrono::seconds kept)
    : path_(configuration.apiTokensFile), kept_(kept) {
  for (const std::string& hash : configuration.apiTokenSha256)
    ofConfiguration_.push_back({.sha256 = hash, .role = ApiRole::Administer});
  if (path_.empty()) return;
  version_ = versionOfFile();
  ofFile_ = readApiTokens(path_);
  lookedAt_ = std::chrono::steady_clock::now();
}

ApiTokens::Version ApiTokens::versionOfFile() const {
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) return {};
  return {found.st_ctim, found.st_size, found.st_dev, found.st_ino};
}

// If the file is invalid, all its tokens are refused: a revoked token must not stay valid.
void ApiTokens::refresh() const {
  const auto now = std::chrono::steady_clock::now();
  if (path_.empty() || now - lookedAt_ < kept_) return;
  lookedAt_ = now;
  const Version version = versionOfFile();
  if (version == version_) return;
  version_ = version;
  ofFile_.clear();
  try {
    ofFile_ = readApiTokens(path_);
  } catch (const platform::ConfigurationError& error) {
    version_ = {};  // read it again at the next look, also if only its rights are mended
    platform::log(platform::Level::Error, "no token of web.api_tokens_file counts until it is mended",
                  {{"problem", std::string(error.what())}});
  }
}

std::optional<ApiToken> ApiTokens::find(std::string_view secret) const {
  const std::string hash = platform::sha256Hex(secret);
  const std::lock_guard lock(mutex_);
  refresh();
  std::optional<ApiToken> found;
  const auto look = [&](const std::vector<ApiToken>& tokens) {
    for (const ApiToken& token : tokens) {
      if (platform::sameSecret(hash, token.sha256) && !found) found = token;
    }
  };
  look(ofConfiguration_);
  look(ofFile_);
  return found;
}

}  // namespace taskqueue::web
