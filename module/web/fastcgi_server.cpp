#include "module/web/fastcgi_server.h"

#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "module/platform/log.h"
#include "module/web/form.h"

namespace taskqueue::web {
namespace {

using namespace std::chrono_literals;

constexpr int kListeningDescriptor = 0;
constexpr int kInterruptAccept = SIGUSR2;

std::string parameter(const FCGX_Request& from, const char* name) {
  const char* value = FCGX_GetParam(name, from.envp);
  return value == nullptr ? "" : value;
}

// Reads the body: no more than was announced, and no more than is allowed.
void readBody(const FCGX_Request& from, std::int64_t limit, Request& to) {
  const std::string length = parameter(from, "CONTENT_LENGTH");
  std::int64_t announced = 0;
  std::from_chars(length.data(), length.data() + length.size(), announced);
  if (announced > limit) {
    to.bodyTooLarge = true;
    return;
  }
  to.body.resize(static_cast<std::size_t>(std::max<std::int64_t>(announced, 0)));
  const int size = FCGX_GetStr(to.body.data(), static_cast<int>(to.body.size()), from.in);
  to.body.resize(static_cast<std::size_t>(std::max(size, 0)));
}

// Nothing when the address is not below the base path.
std::optional<Request> readRequest(const FCGX_Request& from,
                                   const platform::WebConfiguration& configuration) {
  auto target = readTarget(parameter(from, "REQUEST_URI"), configuration.basePath);
  if (!target) return std::nullopt;
  Request to;
  to.method = parameter(from, "REQUEST_METHOD");
  to.path = std::move(target->path);
  to.query = std::move(target->query);
  to.addressProblem = std::move(target->problem);
  to.contentType = parameter(from, "CONTENT_TYPE");
  to.authorization = parameter(from, "HTTP_AUTHORIZATION");
  if (const char* key = FCGX_GetParam("HTTP_IDEMPOTENCY_KEY", from.envp)) to.idempotencyKey = key;
  // No client header can become a parameter without the prefix HTTP_: only nginx sets these two.
  to.user = parameter(from, "TASKQUEUE_USER");
  to.role = parameter(from, "TASKQUEUE_ROLE");
  to.host = parameter(from, "HTTP_HOST");
  to.origin = parameter(from, "HTTP_ORIGIN");
  to.fetchSite = parameter(from, "HTTP_SEC_FETCH_SITE");
  to.fetchDestination = parameter(from, "HTTP_SEC_FETCH_DEST");
  to.cookies = parameter(from, "HTTP_COOKIE");
  to.acceptLanguage = parameter(from, "HTTP_ACCEPT_LANGUAGE");
  to.ifNoneMatch = parameter(from, "HTTP_IF_NONE_MATCH");
  readBody(from, configuration.bodyBytes, to);
  return to;
}

void writeResponse(const FCGX_Request& to, const Response& response) {
  std::string head = "Status: " + std::to_string(response.status) + " " +
                     std::string(reasonOf(response.status)) + "\r\nContent-Type: " + response.contentType +
                     "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store"
                     "\r\nReferrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n";
  for (const auto& [name, value] : response.headers) {
    const bool splits = value.find_first_of(std::string("\r\n\0", 3)) != std::string::npos;
    if (!splits) head += name + ": " + value + "\r\n";
  }
  head += "\r\n";
  FCGX_PutStr(head.data(), static_cast<int>(head.size()), to.out);
  FCGX_PutStr(response.body.data(), static_cast<int>(response.body.size()), to.out);
}

class Server {
 public:
  Server(const platform::WebConfiguration& configuration, const std::function<RequestHandler()>& makeHandler)
      : configuration_(configuration), makeHandler_(makeHandler) {}

  void run() {
    for (int i = 0; i < configuration_.threads; ++i) threads_.emplace_back([this] { serve(); });
    waitForStop();
    platform::log(platform::Level::Info, "stopping: the requests in hand are finished", {});
    stopping_ = true;
    // A signal that comes just before accept() begins to wait would be lost: it is repeated until all have
    // ended.
    while (ended_ < configuration_.threads) {
      for (auto& thread : threads_) ::pthread_kill(thread.native_handle(), kInterruptAccept);
      std::this_thread::sleep_for(20ms);
    }
    for (auto& thread : threads_) thread.join();
  }

 private:
  static void waitForStop() {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    int signal = 0;
    ::sigwait(&stops, &signal);
  }

  void serve() {
    const RequestHandler handle = makeHandler_();
    FCGX_Request request;
    FCGX_InitRequest(&request, kListeningDescriptor, FCGI_FAIL_ACCEPT_ON_INTR);
    while (!stopping_) {
      if (FCGX_Accept_r(&request) < 0) {
        if (!stopping_) std::this_thread::sleep_for(10ms);  // a broken descriptor must not spin
        continue;
      }
      Response response;
      if (auto read = readRequest(request, configuration_)) {
        response = handle(*read);
        if (read->method == "HEAD") response.body.clear();
      } else {
        response.status = 404;
        response.contentType = "application/problem+json";
        response.body = R"({"type":"about:blank","title":"Not found","status":404})";
      }
      writeResponse(request, response);
      FCGX_Finish_r(&request);
    }
    FCGX_Free(&request, 1);
    ++ended_;
  }

  const platform::WebConfiguration& configuration_;
  const std::function<RequestHandler()>& makeHandler_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> ended_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace

void serveFastCgi(const platform::WebConfiguration& configuration,
                  const std::function<RequestHandler()>& makeHandler) {
  // libfcgi installs a handler of its own for SIGTERM; blocked, the signal comes to sigwait() instead.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  FCGX_Init();
  ::signal(SIGPIPE, SIG_IGN);
  struct sigaction interrupt {};
  interrupt.sa_handler = [](int) {};  // without SA_RESTART: accept() must end
  ::sigaction(kInterruptAccept, &interrupt, nullptr);
  Server(configuration, makeHandler).run();
}

}  // namespace taskqueue::web
