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

// Serves until SIGTERM or SIGINT. Then every thread finishes its current request, and the function returns.
// Call it from the main thread before other threads exist, because it blocks these signals in all threads.
void serveFastCgi(const platform::WebConfiguration& configuration,
                  const std::function<RequestHandler()>& makeHandler);

}  // namespace taskqueue::web
