#include "module/web/fastcgi_server.h"

#include <fcgiapp.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <thread>
#include <vector>

#include "module/web/connections.h"
#include "module/web/form.h"
#include "module/web/request_head.h"

namespace taskqueue::web {
namespace {

constexpr int kListeningDescriptor = 0;
constexpr int kNoListener = -1;  // connections come only from Connections

std::string parameter(const FCGX_Request& from, const char* name) {
  const char* value = FCGX_GetParam(name, from.envp);
  return value == nullptr ? "" : value;
}

std::int64_t announcedBytes(const FCGX_Request& from) {
  const std::string length = parameter(from, "CONTENT_LENGTH");
  std::int64_t announced = 0;
  std::from_chars(length.data(), length.data() + length.size(), announced);
  return std::max<std::int64_t>(announced, 0);
}

std::optional<Problem> findHeadProblem(const FCGX_Request& from) {
  std::vector<std::string_view> parameters;
  for (char** one = from.envp; *one != nullptr; ++one) parameters.emplace_back(*one);
  return web::findHeadProblem(parameters);
}

// Returns nothing if the address is not below the base path.
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
  // Client headers become parameters with the prefix HTTP_, so only nginx can set these three.
  to.user = parameter(from, "TASKQUEUE_USER");
  to.role = parameter(from, "TASKQUEUE_ROLE");
  to.webServerSecret = parameter(from, "TASKQUEUE_SECRET");
  to.host = parameter(from, "HTTP_HOST");
  to.origin = parameter(from, "HTTP_ORIGIN");
  to.fetchSite = parameter(from, "HTTP_SEC_FETCH_SITE");
  to.fetchDestination = parameter(from, "HTTP_SEC_FETCH_DEST");
  to.cookies = parameter(from, "HTTP_COOKIE");
  to.acceptLanguage = parameter(from, "HTTP_ACCEPT_LANGUAGE");
  to.ifNoneMatch = parameter(from, "HTTP_IF_NONE_MATCH");
  to.headProblem = findHeadProblem(from);
  to.announcedBytes = announcedBytes(from);
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

// Large bodies leave free memory in the allocator's arena of each thread. After a body of more bytes than
// this, the memory is returned to the system.
constexpr std::int64_t kTrimAfterBytes = 256 << 10;

class Server {
 public:
  Server(const platform::WebConfiguration& configuration, const std::function<RequestHandler()>& makeHandler,
         const std::function<bool()>& mayEndOnHangup)
      : configuration_(configuration),
        makeHandler_(makeHandler),
        connections_(kListeningDescriptor, {}, mayEndOnHangup) {}

  void run() {
    for (int i = 0; i < configuration_.threads; ++i) threads_.emplace_back([this] { serve(); });
    connections_.run();
    for (auto& thread : threads_) thread.join();
  }

 private:
  void serve() {
    const RequestHandler handle = makeHandler_();
    FCGX_Request request;
    FCGX_InitRequest(&request, kNoListener, 0);
    while (const auto connection = connections_.take()) {
      // libfcgi treats this as a connection that it has kept, and never waits for its end.
      request.ipcFd = *connection;
      request.keepConnection = 1;
      request.detached = 1;
      if (FCGX_Accept_r(&request) < 0) {
        connections_.forget();  // libfcgi has already closed it
        continue;
      }
      const std::int64_t bytes = answer(request, *connection, handle);
      if (bytes > kTrimAfterBytes) ::malloc_trim(0);
    }
  }

  // Answers one request. Returns how many bytes of its body were read.
  std::int64_t answer(FCGX_Request& request, int connection, const RequestHandler& handle) {
    std::int64_t bytes = 0;
    bool unread = announcedBytes(request) > 0;
    {
      Response response;
      if (auto read = readRequest(request, configuration_)) {
        read->readOn = [&](std::string& body, std::size_t upTo) { readOn(request, connection, body, upTo); };
        response = handle(*read);
        bytes = static_cast<std::int64_t>(read->body.size());
        unread = bytes < read->announcedBytes || (bytes > 0 && !readEnd(request, connection));
        if (read->method == "HEAD") response.body.clear();
      } else {
        response.status = 404;
        response.contentType = "application/problem+json";
        response.body = R"({"type":"about:blank","title":"Not found","status":404})";
      }
      const Connections::Timed timed(connections_, connection, connections_.limits().answer);
      writeResponse(request, response);
      FCGX_FClose(request.err);
      FCGX_FClose(request.out);
    }
    FCGX_Free(&request, /*close=*/0);
    request.ipcFd = -1;
    connections_.giveBack(connection, unread);
    return bytes;
  }

  void readOn(const FCGX_Request& request, int connection, std::string& body, std::size_t upTo) {
    const Connections::Timed timed(connections_, connection, connections_.limits().body);
    const std::size_t before = body.size();
    body.resize(upTo);
    const int size = FCGX_GetStr(body.data() + before, static_cast<int>(upTo - before), request.in);
    body.resize(before + static_cast<std::size_t>(std::max(size, 0)));
  }

  // Reads the record that ends the body. A connection that is closed with bytes unread is reset, and nginx
  // would answer 502.
  bool readEnd(const FCGX_Request& request, int connection) {
    const Connections::Timed timed(connections_, connection, connections_.limits().body);
    return FCGX_GetChar(request.in) == EOF;
  }

  const platform::WebConfiguration& configuration_;
  const std::function<RequestHandler()>& makeHandler_;
  Connections connections_;
  std::vector<std::thread> threads_;
};

}  // namespace

void blockStopSignals() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &stops, nullptr);
}

void serveFastCgi(const platform::WebConfiguration& configuration,
                  const std::function<RequestHandler()>& makeHandler,
                  const std::function<bool()>& mayEndOnHangup) {
  FCGX_Init();
  ::signal(SIGPIPE, SIG_IGN);
  Server(configuration, makeHandler, mayEndOnHangup).run();
}

}  // namespace taskqueue::web
