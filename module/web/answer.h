// What a route answers: a response, or what is wrong with the request.
#pragma once

#include <variant>

#include "module/web/request.h"

namespace taskqueue::web {

using Answer = std::variant<Response, Problem>;

}  // namespace taskqueue::web
