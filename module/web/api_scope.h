// Whether a token's scope covers what a request is about.
#pragma once

#include <optional>

#include "module/queue/task_store.h"
#include "module/web/api_token.h"
#include "module/web/request.h"

namespace taskqueue::web {

// Nothing when the token may do it. Of new tasks the body says more: see the other function. Throws
// StoreError.
std::optional<Problem> refuseByScope(const ApiToken& token, const ApiNeed& need, const Request& request,
                                     TaskStore& store);
std::optional<Problem> refuseByScope(const ApiToken& token, const NewTask& task);

}  // namespace taskqueue::web
