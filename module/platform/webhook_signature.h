// How webhooks are signed. Each receiver has a secret of its own, made of the main one and its address: with
// it, a receiver can check what is meant for it, and forge nothing for another one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace taskqueue::platform {

// The first line of the file, without blanks around it. Nothing when it cannot be read or is empty.
std::optional<std::string> mainWebhookSecret(const std::string& path);

// Whose secret a URL has: the URL without query and fragment, scheme and host in lower case, a path of at
// least "/".
std::string webhookAddress(std::string_view url);

// The secret that the receiver at this URL is given, in hexadecimal.
std::string webhookSecret(std::string_view mainSecret, std::string_view url);

struct WebhookParts {
  int id = 0;             // of the task that sends it
  std::int64_t time = 0;  // unix seconds
  std::string sentBy;     // "queue", or "hand"
  std::string target;     // the URL as it is requested, without its fragment
  std::string body;
};
// The value of the header X-TaskQueue-Signature.
std::string webhookSignature(std::string_view secret, const WebhookParts& parts);

}  // namespace taskqueue::platform
