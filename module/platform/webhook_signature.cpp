#include "module/platform/webhook_signature.h"

#include <algorithm>
#include <cctype>

#include "module/platform/secret.h"

namespace taskqueue::platform {

std::optional<std::string> mainWebhookSecret(const std::string& path) {
  const std::string line = readFirstLine(path).value_or("");
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string::npos) return std::nullopt;
  return line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

std::string webhookAddress(std::string_view url) {
  std::string address(url.substr(0, url.find_first_of("?#")));
  const auto authority = address.find("://");
  const auto path =
      std::min(address.find('/', authority == std::string::npos ? 0 : authority + 3), address.size());
  std::transform(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(path), address.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return path == address.size() ? address + "/" : address;
}

std::string webhookSecret(std::string_view mainSecret, std::string_view url) {
  return hmacSha256Hex(mainSecret, "webhook " + webhookAddress(url));
}

std::string webhookSignature(std::string_view secret, const WebhookParts& parts) {
  const std::string text = "v2\n" + std::to_string(parts.id) + "\n" + std::to_string(parts.time) + "\n" +
                           parts.sentBy + "\n" + parts.target + "\n" + parts.body;
  return "v2=" + hmacSha256Hex(secret, text);
}

}  // namespace taskqueue::platform
