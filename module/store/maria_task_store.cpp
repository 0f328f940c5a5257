#include "module/store/maria_task_store.h"

#include <utility>

namespace taskqueue::store {

MariaTaskStore::MariaTaskStore(ConnectionSettings settings, TableNames names, TokenSource tokens,
                               ChanceSource chances, std::chrono::milliseconds settling)
    : connection_(std::move(settings), std::move(names)),
      tokens_(std::move(tokens)),
      chances_(std::move(chances)),
      claimCursor_(settling) {}

}  // namespace taskqueue::store
