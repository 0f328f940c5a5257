// This part of Connection begins a session.
#include <cstdlib>
#include <string_view>

#include "module/store/database/connection_native.h"
#include "module/store/database/database_errors.h"
#include "module/store/database/server_errors.h"
#include "module/store/database/session.h"

namespace taskqueue::store {

void Connection::open() {
  if (native_) return;
  passFailpoint("connect", platform::Moment::Before, "connect");
  auto native = std::make_unique<Native>();
  const unsigned connectSeconds = static_cast<unsigned>(settings_.connectLimit.count());
  // The network limit is a little above the server's own, which ends the statement and keeps the connection.
  const unsigned networkSeconds = static_cast<unsigned>(settings_.statementLimit.count()) + 5;
  mysql_options(native->handle, MYSQL_OPT_CONNECT_TIMEOUT, &connectSeconds);
  mysql_options(native->handle, MYSQL_OPT_READ_TIMEOUT, &networkSeconds);
  mysql_options(native->handle, MYSQL_OPT_WRITE_TIMEOUT, &networkSeconds);
  if (!settings_.optionFile.empty()) {
    mysql_options(native->handle, MYSQL_READ_DEFAULT_FILE, settings_.optionFile.c_str());
    mysql_options(native->handle, MYSQL_READ_DEFAULT_GROUP, "client");
  }
  mysql_options(native->handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect(native->handle, nullptr, nullptr, nullptr, settings_.database.c_str(), 0, nullptr,
                         CLIENT_FOUND_ROWS) == nullptr) {
    throw StoreError(StoreError::Kind::Unavailable,
                     std::string("cannot connect to the database: ") + mysql_error(native->handle));
  }
  setUp(*native);
  readLimits(*native);
  native_ = std::move(native);
  passFailpoint("connect", platform::Moment::After, "connect");
}

void Connection::setUp(Native& native) {
  const auto errorOf = [&](const std::string& statement) -> unsigned {
    if (mysql_real_query(native.handle, statement.data(), statement.size()) == 0) return 0;
    return mysql_errno(native.handle);
  };
  const auto refuse = [&](unsigned error) {
    const std::string what = std::string("cannot set up the database session: ") + mysql_error(native.handle);
    const bool isBug = classify(error, what) == ErrorClass::Other;
    throw StoreError(isBug ? StoreError::Kind::Broken : StoreError::Kind::Unavailable, what);
  };
  bool isKnown = true;
  for (const std::string& statement : sessionSetup(settings_)) {
    const unsigned error = errorOf(statement);
    isKnown = isKnown && error != ER_UNKNOWN_SYSTEM_VARIABLE;
    if (error != 0 && error != ER_UNKNOWN_SYSTEM_VARIABLE) refuse(error);
  }
  if (isKnown) return;
  for (const std::string& statement : sessionSetupOneByOne(settings_)) {
    const unsigned error = errorOf(statement);
    if (error != 0 && error != ER_UNKNOWN_SYSTEM_VARIABLE) refuse(error);
  }
}

void Connection::readLimits(Native& native) {
  constexpr std::string_view kAsk = "SELECT @@max_allowed_packet, @@max_prepared_stmt_count";
  if (mysql_real_query(native.handle, kAsk.data(), kAsk.size()) != 0) {
    throw StoreError(StoreError::Kind::Unavailable,
                     std::string("cannot set up the database session: ") + mysql_error(native.handle));
  }
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_store_result(native.handle),
                                                                        &mysql_free_result);
  MYSQL_ROW row = result ? mysql_fetch_row(result.get()) : nullptr;
  if (row == nullptr) return;
  limits_ = {std::atoll(row[0]), std::atoll(row[1])};
}

}  // namespace taskqueue::store
