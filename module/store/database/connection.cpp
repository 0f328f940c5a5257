#include "module/store/database/connection.h"

#include <utility>

#include "module/store/database/connection_native.h"
#include "module/store/database/repeat.h"

namespace taskqueue::store {

Connection::Connection(ConnectionSettings settings, TableNames names)
    : settings_(std::move(settings)), names_(std::move(names)) {}

Connection::~Connection() {
  close();
}

void Connection::close() {
  prepared_.clear();  // Statements belong to the connection, so they are closed first.
  native_.reset();
  inTransaction_ = false;
  chained_ = false;
}

// The server may have closed an idle connection. If nothing is lost by that, `again` runs on a new one.
template <typename Body, typename Again>
auto Connection::retryOnFreshConnection(bool nothingIsLost, Body body, Again again) {
  const bool mayBeStale = nothingIsLost && native_ && native_->used;
  try {
    return body();
  } catch (const StoreError& error) {
    if (!mayBeStale || error.kind() != StoreError::Kind::Unavailable || native_) throw;
  }
  return again();
}

// COMMIT AND CHAIN leaves an empty transaction open. A statement outside a transaction ends it first, so as
// not to become a part of it. A closed connection shows at the first statement of that transaction, which is
// then repeated.
template <typename Body>
auto Connection::runInSession(Body body) {
  if (!inTransaction_) {
    inARow_ = 0;
    if (chained_) rollback();
  }
  return retryOnFreshConnection(std::exchange(isFirst_, false), body, [&] {
    begin();
    return body();
  });
}

// A statement outside a transaction is a transaction by itself, and is repeated like one, but not after a
// timeout: it would take as long again.
template <typename Body>
auto Connection::retryTransient(Body body) {
  const auto mayRepeat = [this](const StoreError& error) {
    const auto* transient = dynamic_cast<const Transient*>(&error);
    return transient != nullptr && !inTransaction_ && !transient->isTimeout;
  };
  return repeat({.mayRepeat = mayRepeat, .chance = {}}, body);
}

std::vector<Row> Connection::read(const std::string& text, const std::vector<Value>& parameters,
                                  std::string_view site) {
  return runInSession([&] {
    const auto ask = [&] { return run(text, parameters, nullptr, site); };
    return retryOnFreshConnection(
        !inTransaction_ && text.starts_with("SELECT"), [&] { return retryTransient(ask); }, ask);
  });
}

std::vector<Row> Connection::queryText(const std::string& text, const std::vector<Value>& parameters) {
  return read(text, parameters, {});
}

std::vector<Row> Connection::query(const Sql& sql, const std::vector<Value>& parameters) {
  return read(names_.expand(sql.text()), parameters, sql.name());
}

std::int64_t Connection::execute(const Sql& sql, const std::vector<Value>& parameters) {
  std::int64_t matched = 0;
  const std::string text = names_.expand(sql.text());
  runInSession([&] { return retryTransient([&] { return run(text, parameters, &matched, sql.name()); }); });
  return matched;
}

std::int64_t Connection::executeText(const std::string& text, const std::vector<Value>& parameters) {
  std::int64_t matched = 0;
  runInSession([&] { return run(text, parameters, &matched, {}); });
  return matched;
}

std::vector<Row> Connection::queryText(const std::string& text) {
  return runInSession([&] { return runText(text, {}); });
}

void Connection::begin() {
  isFirst_ = std::exchange(chained_, false);
  if (!isFirst_) {
    const auto start = [this] { return runText("START TRANSACTION", "begin"); };
    retryOnFreshConnection(true, start, start);
  }
  inTransaction_ = true;
}

// When transactions follow each other without a statement between, COMMIT begins the next one, which saves a
// round trip. This starts only after a few of them, since it costs a statement outside one round trip more.
void Connection::commit() {
  constexpr int kEnoughInARow = 4;
  if (!native_ || !inTransaction_)
    throw StoreError(StoreError::Kind::Unavailable, "the transaction's connection broke");
  inTransaction_ = isFirst_ = false;
  committing_ = true;
  const bool chains = ++inARow_ >= kEnoughInARow;
  try {
    runText(chains ? "COMMIT AND CHAIN" : "COMMIT", "commit");
  } catch (const StoreError&) {
    rollback();  // Another transaction may have begun.
    throw;
  }
  chained_ = chains;
  committing_ = false;
}

void Connection::rollback() {
  inTransaction_ = chained_ = isFirst_ = false;
  if (!native_) return;
  try {
    runText("ROLLBACK", "rollback");
  } catch (const StoreError&) {
    close();
  }
}

}  // namespace taskqueue::store
