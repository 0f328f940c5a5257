#include "module/store/database/named_lock.h"

#include <utility>

namespace taskqueue::store {
namespace {

// Names of locks are valid for the whole server, so the schema's name is a part of each.
const SqlPiece kLockName{"lock_name", R"(
  CONCAT('taskqueue:', LEFT(SHA2(CONCAT(DATABASE(), '.', ?), 256), 40))
)"};

const Sql kTakeLock{"take-named-lock", R"(
  SELECT GET_LOCK({lock_name}, ?)
)"};
const Sql kFreeLock{"free-named-lock", R"(
  SELECT RELEASE_LOCK({lock_name})
)"};
const Sql kHoldsLock{"holds-named-lock", R"(
  SELECT COALESCE(IS_USED_LOCK({lock_name}) = CONNECTION_ID(), 0)
)"};

}  // namespace

NamedLock::NamedLock(Connection& connection, std::string word, std::chrono::seconds wait)
    : connection_(connection), word_(std::move(word)) {
  taken_ = connection_.query(kTakeLock, {word_, wait.count()}).at(0).as<bool>();
}

NamedLock::~NamedLock() {
  if (!taken_) return;
  try {
    connection_.query(kFreeLock, {word_});
  } catch (const StoreError&) {  // a session that ended has freed it already
  }
}

bool NamedLock::isHeldStill() {
  return connection_.query(kHoldsLock, {word_}).at(0).as<bool>();
}

}  // namespace taskqueue::store
