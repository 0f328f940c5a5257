#include "module/queue/notification.h"

#include <algorithm>

#include "module/queue/mail_address.h"

namespace taskqueue {
namespace {

// Returns whether the text is printable ASCII without blanks, quotes, brackets, backslashes, commas and
// semicolons.
bool isPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("\"<>\\,;()").find(static_cast<char>(c)) == std::string::npos;
  });
}

std::optional<std::string> findUrlProblem(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  if (authority.empty() || authority.front() == ':') return "names no host";
  if (authority.find('@') != std::string_view::npos)
    return "must not hold a user or password: pages show it; webhooks are signed instead";
  return std::nullopt;
}

std::optional<std::string> findAddressProblem(std::string_view address) {
  if (isMailAddress(address)) return std::nullopt;
  return std::string(kMailAddressRule) + ", or a URL that begins with http:// or https://";
}

}  // namespace

bool isUrl(std::string_view to) {
  return to.starts_with("http://") || to.starts_with("https://");
}

const char* notificationHandlerFor(const std::optional<std::string>& to) {
  return to && isUrl(*to) ? kWebhookHandler : kMailHandler;
}

std::optional<std::string> findNotifyToProblem(std::string_view to) {
  if (to.size() > kNotifyToBytes)
    return "must not be longer than " + std::to_string(kNotifyToBytes) + " bytes";
  if (!isUrl(to)) return findAddressProblem(to);
  if (!isPlain(to)) return "must be printable ASCII without blanks, quotes, brackets, commas and semicolons";
  return findUrlProblem(to);
}

bool isLanguageCode(std::string_view code) {
  return !code.empty() && code.size() <= kNotifyLanguageBytes &&
         std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
         });
}

bool isFinal(const Task& task) {
  return !isOpen(task.lastStatus) && !task.nextRunOn && task.parkedReason.empty();
}

}  // namespace taskqueue
