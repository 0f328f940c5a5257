// Holds what the roles of one store share: the connection, the sources of chance, and who changes things.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "module/queue/audit.h"
#include "module/store/database/connection.h"
#include "module/store/database/repeat.h"

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
  const auto mayRepeat = [afterLockWait](const StoreError& error) {
    const auto* transient = dynamic_cast<const Connection::Transient*>(&error);
    return transient != nullptr && !(transient->isLockWait && afterLockWait == AfterLockWait::GiveUp);
  };
  return repeat({.mayRepeat = mayRepeat, .chance = chances}, [&] {
    Transaction transaction(connection);
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      transaction.commit();
    } else {
      auto result = body();
      transaction.commit();
      return result;
    }
  });
}

}  // namespace taskqueue::store
