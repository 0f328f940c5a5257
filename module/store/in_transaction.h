// Repeats a transaction for MariaTaskStore. Only the parts of MariaTaskStore include it.
#pragma once

#include <chrono>
#include <thread>
#include <type_traits>

#include "module/store/maria_task_store.h"

namespace taskqueue::store {

template <typename Body>
auto MariaTaskStore::inTransaction(Body body, AfterLockWait afterLockWait) {
  constexpr int kTries = 8;
  constexpr std::chrono::milliseconds kFirstWait{5};
  for (int attempt = 1;; ++attempt) {
    try {
      Transaction transaction(connection_);
      if constexpr (std::is_void_v<decltype(body())>) {
        body();
        transaction.commit();
        return;
      } else {
        auto result = body();
        transaction.commit();
        return result;
      }
    } catch (const Connection::Transient& error) {
      const bool waitedLong = error.isLockWait && afterLockWait == AfterLockWait::GiveUp;
      if (attempt == kTries || waitedLong) throw;
    }
    const auto longest = kFirstWait * (1 << (attempt - 1));
    std::this_thread::sleep_for(longest * (0.5 + chances_() / 2));
  }
}

}  // namespace taskqueue::store
