// A route answers with a response or with a problem of the request.
#pragma once

#include <variant>

#include "module/web/request.h"

namespace taskqueue::web {

using Answer = std::variant<Response, Problem>;

}  // namespace taskqueue::web
