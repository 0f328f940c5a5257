// Holds the client library's side of a Connection. Only the parts of Connection include it.
#pragma once

#include <mysql.h>

#include <mutex>

#include "module/store/database/connection.h"

namespace taskqueue::store {

struct Connection::Native {
  MYSQL* handle = nullptr;
  bool used = false;  // at least one statement succeeded since it was opened

  Native() {
    static std::once_flag once;
    std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
    handle = mysql_init(nullptr);
    if (handle == nullptr) throw StoreError(StoreError::Kind::Broken, "no memory for a connection");
  }
  ~Native() { mysql_close(handle); }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;
};

struct Connection::Prepared {
  MYSQL_STMT* statement;
  std::uint64_t lastUse = 0;

  explicit Prepared(MYSQL_STMT* from) : statement(from) {}
  ~Prepared() { mysql_stmt_close(statement); }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
};

}  // namespace taskqueue::store
