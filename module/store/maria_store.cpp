#include "module/store/maria_store.h"

#include <utility>

namespace taskqueue::store {

MariaStore::MariaStore(ConnectionSettings settings, TableNames names, TokenSource tokenSource,
                       ChanceSource chances, std::chrono::milliseconds settling)
    : context_(std::move(settings), std::move(names), std::move(tokenSource), std::move(chances)),
      tasks(context_),
      runners(context_, settling),
      maintenance(context_),
      handlers(context_),
      schedules(context_),
      statistics(context_),
      errors(context_),
      audit(context_),
      clock(context_) {}

}  // namespace taskqueue::store
