// FastCGI on descriptor 0, as supervisord's [fcgi-program] hands it over: a fixed number of threads, each
// with an Application of its own. The only file pair that knows libfcgi.
#pragma once

#include <functional>
#include <memory>

#include "module/platform/configuration.h"
#include "module/web/request.h"

namespace taskqueue::web {

// Answers one request; made once in each thread.
using RequestHandler = std::function<Response(Request&)>;

// Serves until SIGTERM or SIGINT, then lets every thread finish the request in hand and returns. Call it from
// the main thread before any other thread exists: it blocks these signals in all of them.
void serveFastCgi(const platform::WebConfiguration& configuration,
                  const std::function<RequestHandler()>& makeHandler);

}  // namespace taskqueue::web
