// Signs webhooks. Each receiver has a secret of its own, made of the main secret and its address. With this a
// receiver can check its own messages, but cannot forge messages for another receiver.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace taskqueue::platform {

// Returns the first line of the file, without blanks around it, or nothing if it cannot be read or is empty.
std::optional<std::string> mainWebhookSecret(const std::string& path);

// Returns the address that a secret belongs to: the URL without query and fragment, with scheme and host in
// lower case. Its path is at least "/".
std::string webhookAddress(std::string_view url);

// Returns the secret of the receiver at this URL, in hexadecimal.
std::string webhookSecret(std::string_view mainSecret, std::string_view url);

struct WebhookParts {
  int id = 0;             // Id of the task that sends the message
  std::int64_t time = 0;  // unix seconds
  std::string sentBy;     // "queue", or "hand"
  std::string target;     // the requested URL, without its fragment
  std::string body;
};
// Returns the value of the header X-TaskQueue-Signature.
std::string webhookSignature(std::string_view secret, const WebhookParts& parts);

}  // namespace taskqueue::platform
