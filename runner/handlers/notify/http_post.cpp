#include "runner/handlers/notify/http_post.h"

#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "module/queue/utf8_text.h"
#include "runner/handlers/notify/public_address.h"
#include "runner/mail/curl_library.h"

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

using mail::curl;
using Session = std::unique_ptr<CURL, decltype(mail::CurlLibrary::easyCleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(mail::CurlLibrary::slistFreeAll)>;

Headers listOf(const std::vector<std::string>& lines) {
  Headers list(nullptr, curl().slistFreeAll);
  for (const std::string& line : lines) {
    curl_slist* longer = curl().slistAppend(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

void prepare(CURL* session, const HttpLimits& limits, Exchange& exchange) {
  const auto set = curl().easySetopt;
  set(session, CURLOPT_PROTOCOLS_STR, "http,https");
  set(session, CURLOPT_FOLLOWLOCATION, 0L);
  set(session, CURLOPT_PROXY, "");
  set(session, CURLOPT_NOSIGNAL, 1L);
  set(session, CURLOPT_CONNECTTIMEOUT, static_cast<long>(limits.connectLimit.count()));
  set(session, CURLOPT_TIMEOUT, static_cast<long>(limits.sendLimit.count()));
  set(session, CURLOPT_USERAGENT, "TaskQueue");
  if (!limits.caFile.empty()) curl().easySetopt(session, CURLOPT_CAINFO, limits.caFile.c_str());
  set(session, CURLOPT_WRITEFUNCTION, &keepBeginning);
  set(session, CURLOPT_WRITEDATA, &exchange);
  set(session, CURLOPT_HEADERFUNCTION, &countHeader);
  set(session, CURLOPT_HEADERDATA, &exchange);
  set(session, CURLOPT_OPENSOCKETFUNCTION, &openSocket);
  set(session, CURLOPT_OPENSOCKETDATA, &exchange);
}

}  // namespace

HttpAnswer httpPost(const std::string& url, const std::vector<std::string>& headers, const std::string& body,
                    const HttpLimits& limits) {
  const Session session(curl().easyInit(), curl().easyCleanup);
  if (!session) throw std::runtime_error("libcurl cannot be used");
  Exchange exchange{.limits = limits, .answer = {}};
  prepare(session.get(), limits, exchange);
  const Headers list = listOf(headers);
  curl().easySetopt(session.get(), CURLOPT_URL, url.c_str());
  curl().easySetopt(session.get(), CURLOPT_HTTPHEADER, list.get());
  curl().easySetopt(session.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl().easySetopt(session.get(), CURLOPT_POSTFIELDS, body.data());
  const CURLcode code = curl().easyPerform(session.get());

  HttpAnswer answer;
  long status = 0;
  curl().easyGetinfo(session.get(), CURLINFO_RESPONSE_CODE, &status);
  // An error after the status (too long, late, cut) does not change its meaning. A 1xx status is not final.
  if (status < kMinFinalStatus) {
    answer.isPrivateTarget = exchange.anyRefused && !exchange.anyTried;
    answer.problem = curl().easyStrerror(code);
    return answer;
  }
  answer.status = static_cast<int>(status);
  curl_off_t wait = 0;
  curl().easyGetinfo(session.get(), CURLINFO_RETRY_AFTER, &wait);
  if (wait > 0) answer.retryAfter = std::chrono::seconds(wait);
  const auto invalid = firstInvalidUtf8(exchange.answer);
  answer.body = exchange.answer.substr(0, invalid.value_or(std::string::npos));
  return answer;
}

}  // namespace taskqueue::handlers
