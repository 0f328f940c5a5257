#include "module/store/maria_task_store.h"

#include <utility>

namespace taskqueue::store {

MariaTaskStore::MariaTaskStore(ConnectionSettings settings, TableNames names, TokenSource tokens,
                               ChanceSource chances)
    : connection_(std::move(settings), std::move(names)),
      tokens_(std::move(tokens)),
      chances_(std::move(chances)) {}

}  // namespace taskqueue::store
