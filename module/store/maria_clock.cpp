#include "module/store/maria_clock.h"

namespace taskqueue::store {
namespace {

const Sql kNow{"now", R"(
  SELECT UNIX_TIMESTAMP()
)"};

}  // namespace

UnixSeconds MariaClock::now() {
  return connection_.query(kNow).at(0).as<UnixSeconds>();
}

}  // namespace taskqueue::store
