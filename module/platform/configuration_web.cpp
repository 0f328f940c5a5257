#include "module/platform/configuration_sections.h"

#include "module/json/masking.h"
#include "module/platform/setting_kinds.h"
#include "module/queue/notification.h"

namespace taskqueue::platform {
namespace {

std::vector<std::string> hashes(SettingsFile& file, const std::string& key) {
  auto list = file.words(key, {});
  for (const std::string& hash : list) {
    const bool fits = hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!fits) file.refuse(key, "must be SHA-256 hashes of 64 lower-case hexadecimal digits");
  }
  return list;
}

std::string frameAncestors(SettingsFile& file) {
  constexpr const char* kKey = "web.frame_ancestors";
  std::string list;
  for (const std::string& word : file.words(kKey, {"none"})) {
    const bool isKeyword = word == "none" || word == "self";
    const bool isOrigin = (word.starts_with("https://") || word.starts_with("http://")) &&
                          word.find_first_of(";,'\"") == std::string::npos;
    if (!isKeyword && !isOrigin)
      file.refuse(kKey, "must be none, self, or origins such as https://cms.example");
    list += (list.empty() ? "" : " ") + (isKeyword ? "'" + word + "'" : word);
  }
  return list.empty() ? "'none'" : list;
}

std::map<std::string, std::vector<std::string>> sensitiveMembers(SettingsFile& file) {
  std::map<std::string, std::vector<std::string>> to;
  to[""] = file.words("web.sensitive_members", json::usualSensitiveMembers());
  to[kWebhookHandler] = {"To"};  // a sender that knows this address may be able to post to it
  for (const std::string& name : file.namesIn("sensitive_members")) {
    to[name] = file.words("sensitive_members." + name, {});
  }
  return to;
}

}  // namespace

WebConfiguration readWeb(SettingsFile& file) {
  WebConfiguration to;
  to.basePath = file.text("web.base_path", to.basePath);
  if (!to.basePath.starts_with('/') || !to.basePath.ends_with('/')) {
    file.refuse("web.base_path", "must begin and end with '/'");
  }
  to.templatesDirectory = absolutePath(file, "web.templates_directory");
  to.threads = static_cast<int>(file.number("web.threads", to.threads, 1, 256));
  to.bodyBytes = file.number("web.body_bytes", to.bodyBytes, 1024, 64 << 20);
  to.apiTokenSha256 = hashes(file, "web.api_token_sha256");
  to.apiTokensFile = file.text("web.api_tokens_file", "");
  if (!to.apiTokensFile.empty()) to.apiTokensFile = absolutePath(file, "web.api_tokens_file");
  to.cmsEvents = file.words("web.cms_events", {});
  to.eventSecretSha256 = hashes(file, "web.event_secret_sha256");
  to.nginxSecretSha256 = hashes(file, "web.nginx_secret_sha256");
  to.standaloneLimit = secondsOf(file, "web.standalone_seconds", to.standaloneLimit);
  to.frameAncestors = frameAncestors(file);
  to.sensitiveMembers = sensitiveMembers(file);
  return to;
}

}  // namespace taskqueue::platform
