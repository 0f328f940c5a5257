#include "tests/support/locked_rows.h"

#include <chrono>
#include <thread>

namespace taskqueue::test_support {
namespace {

// InnoDB caches its transaction list for 100 ms between reads.
constexpr std::chrono::milliseconds kBetweenLooks{120};
constexpr int kLooks = 80;

}  // namespace

std::int64_t rowsLockedBy(store::Connection& eye, const std::function<void()>& work) {
  for (const char* stage : {"START", "BLOCK_COMMIT"}) eye.queryText(std::string("BACKUP STAGE ") + stage);
  std::thread worker(work);
  std::int64_t locked = 0;
  for (int i = 0; i < kLooks && locked == 0; ++i) {
    std::this_thread::sleep_for(kBetweenLooks);
    auto rows = eye.queryText(
        "SELECT x.trx_rows_locked FROM information_schema.INNODB_TRX x JOIN information_schema.PROCESSLIST p "
        "ON p.ID = x.trx_mysql_thread_id WHERE p.STATE = 'Waiting for backup lock'");
    if (!rows.empty()) locked = rows.front().integer();
  }
  eye.queryText("BACKUP STAGE END");
  worker.join();
  return locked;
}

}  // namespace taskqueue::test_support
