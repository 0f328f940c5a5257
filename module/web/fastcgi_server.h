// Serves FastCGI on descriptor 0, as supervisord's [fcgi-program] provides it. A fixed number of threads
// serve, each with its own Application. Only this pair of files uses libfcgi.
#pragma once

#include <functional>
#include <memory>

#include "module/platform/configuration.h"
#include "module/web/request.h"

namespace taskqueue::web {

// Answers one request. Each thread makes its own.
using RequestHandler = std::function<Response(Request&)>;

// Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and in those that it starts later. Call it before
// any other thread exists. Otherwise that thread receives the signal, and libfcgi's handler for SIGTERM
// discards it.
void blockStopSignals();

// Serves until SIGTERM or SIGINT, which must be blocked, or until SIGHUP if `mayEndOnHangup` returns true.
// Then every thread finishes its current request, and the function returns.
void serveFastCgi(const platform::WebConfiguration& configuration,
                  const std::function<RequestHandler()>& makeHandler,
                  const std::function<bool()>& mayEndOnHangup);

}  // namespace taskqueue::web
