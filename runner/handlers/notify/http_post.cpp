#include "runner/handlers/notify/http_post.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "module/queue/utf8_text.h"
#include "runner/handlers/notify/public_address.h"

namespace taskqueue::handlers {
namespace {

constexpr long kMinFinalStatus = 200;

struct Exchange {
  const HttpLimits& limits;
  std::string answer;
  std::size_t headerBytes = 0;
  bool anyRefused = false;  // the host has a non-public address
  bool anyTried = false;
};

std::size_t keepBeginning(char* bytes, std::size_t, std::size_t count, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  const std::size_t room = exchange.limits.answerBytes - exchange.answer.size();
  exchange.answer.append(bytes, std::min(room, count));
  return count > room ? 0 : count;
}

// libcurl stores all headers and has no limit for trailers after the body.
std::size_t countHeader(char*, std::size_t, std::size_t count, void* to) {
  constexpr std::size_t kMaxBytes = 256 << 10;
  auto& exchange = *static_cast<Exchange*>(to);
  exchange.headerBytes += count;
  return exchange.headerBytes > kMaxBytes ? 0 : count;
}

curl_socket_t openSocket(void* to, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(to);
  if (!exchange.limits.privateTargets && !isPublicAddress(address->addr)) {
    exchange.anyRefused = true;
    return CURL_SOCKET_BAD;
  }
  exchange.anyTried = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

using Session = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

Headers listOf(const std::vector<std::string>& lines) {
  Headers list(nullptr, &curl_slist_free_all);
  for (const std::string& line : lines) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

void prepare(CURL* session, const HttpLimits& limits, Exchange& exchange) {
  curl_easy_setopt(session, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(session, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(session, CURLOPT_PROXY, "");
  curl_easy_setopt(session, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(session, CURLOPT_CONNECTTIMEOUT, static_cast<long>(limits.connectLimit.count()));
  curl_easy_setopt(session, CURLOPT_TIMEOUT, static_cast<long>(limits.sendLimit.count()));
  curl_easy_setopt(session, CURLOPT_USERAGENT, "TaskQueue");
  if (!limits.caFile.empty()) curl_easy_setopt(session, CURLOPT_CAINFO, limits.caFile.c_str());
  curl_easy_setopt(session, CURLOPT_WRITEFUNCTION, &keepBeginning);
  curl_easy_setopt(session, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(session, CURLOPT_HEADERFUNCTION, &countHeader);
  curl_easy_setopt(session, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(session, CURLOPT_OPENSOCKETFUNCTION, &openSocket);
  curl_easy_setopt(session, CURLOPT_OPENSOCKETDATA, &exchange);
}

}  // namespace

HttpAnswer httpPost(const std::string& url, const std::vector<std::string>& headers, const std::string& body,
                    const HttpLimits& limits) {
  const Session session(curl_easy_init(), &curl_easy_cleanup);
  if (!session) throw std::runtime_error("libcurl cannot be used");
  Exchange exchange{.limits = limits, .answer = {}};
  prepare(session.get(), limits, exchange);
  const Headers list = listOf(headers);
  curl_easy_setopt(session.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(session.get(), CURLOPT_HTTPHEADER, list.get());
  curl_easy_setopt(session.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(session.get(), CURLOPT_POSTFIELDS, body.data());
  const CURLcode code = curl_easy_perform(session.get());

  HttpAnswer answer;
  long status = 0;
  curl_easy_getinfo(session.get(), CURLINFO_RESPONSE_CODE, &status);
  // An error after the status (too long, late, cut) does not change its meaning. A 1xx status is not final.
  if (status < kMinFinalStatus) {
    answer.isPrivateTarget = exchange.anyRefused && !exchange.anyTried;
    answer.problem = curl_easy_strerror(code);
    return answer;
  }
  answer.status = static_cast<int>(status);
  curl_off_t wait = 0;
  curl_easy_getinfo(session.get(), CURLINFO_RETRY_AFTER, &wait);
  if (wait > 0) answer.retryAfter = std::chrono::seconds(wait);
  const auto invalid = firstInvalidUtf8(exchange.answer);
  answer.body = exchange.answer.substr(0, invalid.value_or(std::string::npos));
  return answer;
}

}  // namespace taskqueue::handlers
