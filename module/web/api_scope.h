// Checks requests against the role and scope of an API token.
#pragma once

#include <optional>

#include "module/queue/store/task_store.h"
#include "module/web/api_token.h"
#include "module/web/request.h"

namespace taskqueue::web {

// Returns nothing if the token permits the request. For new tasks, the second function must also check each
// task in the body. Throws StoreError.
std::optional<Problem> refuseByScope(const ApiToken& token, const ApiNeed& need, const Request& request,
                                     TaskStore& tasks);
std::optional<Problem> refuseByScope(const ApiToken& token, const NewTask& task);

}  // namespace taskqueue::web
