// What the roles of one store share: the connection, the sources of chance, and who changes things.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "module/queue/audit.h"
#include "module/store/connection.h"

namespace taskqueue::store {

// Draws a run token that cannot be guessed: 32 hexadecimal digits.
using TokenSource = std::function<std::string()>;
// Returns a random number in [0, 1), for backoff.
using ChanceSource = std::function<double()>;

enum class AfterLockWait { Repeat, GiveUp };

class StoreContext {
 public:
  StoreContext(ConnectionSettings settings, TableNames names, TokenSource tokenSource,
               ChanceSource chanceSource)
      : connection(std::move(settings), std::move(names)),
        tokens(std::move(tokenSource)),
        chances(std::move(chanceSource)) {}
  StoreContext(const StoreContext&) = delete;
  StoreContext& operator=(const StoreContext&) = delete;

  Connection connection;
  TokenSource tokens;
  ChanceSource chances;
  Actor actor;

  // Runs `body` in a transaction and commits. It repeats both, with a growing wait, after a transient error
  // such as a deadlock. Throws StoreError(TryAgain) when that does not help.
  template <typename Body>
  auto inTransaction(Body body, AfterLockWait afterLockWait = AfterLockWait::Repeat);

  // Adds to the audit inside the transaction of the change; adds nothing when no actor is named.
  void record(const std::string& action, std::optional<int> taskQueueId, const std::string& subject,
              const std::string& detail = "");
};

template <typename Body>
auto StoreContext::inTransaction(Body body, AfterLockWait afterLockWait) {
  constexpr int kTries = 8;
  constexpr std::chrono::milliseconds kFirstWait{5};
  for (int attempt = 1;; ++attempt) {
    try {
      Transaction transaction(connection);
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
    std::this_thread::sleep_for(longest * (0.5 + chances() / 2));
  }
}

}  // namespace taskqueue::store
