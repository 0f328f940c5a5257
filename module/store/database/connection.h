// A Connection is the only access to MariaDB. It keeps its statements prepared.
//
// It belongs to one thread. It opens itself at first use, and again after it broke. If it breaks inside a
// transaction, no statement is repeated silently: StoreError(Unavailable) is thrown.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "module/platform/failpoint.h"
#include "module/queue/store_error.h"
#include "module/store/database/row.h"
#include "module/store/database/value.h"
#include "module/store/sql/sql.h"
#include "module/store/sql/table_names.h"

namespace taskqueue::store {

struct ConnectionSettings {
  std::string optionFile;  // MariaDB option file with [client] host, socket, user, password …
  std::string database;
  std::chrono::seconds connectLimit{3};
  std::chrono::seconds statementLimit{10};  // limit for one statement, on the server and on the network
  std::chrono::seconds lockWait{5};
};

// The limits that the server sets for one session, as they were when the session began.
struct ServerLimits {
  std::int64_t packetBytes = 16 << 20;       // max_allowed_packet: one statement with its values
  std::int64_t preparedStatements = 16'382;  // max_prepared_stmt_count: all sessions together
};

class Connection {
 public:
  Connection(ConnectionSettings settings, TableNames names);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Returns the rows of the answer; it is empty for a statement that has none.
  std::vector<Row> query(const Sql& sql, const std::vector<Value>& parameters = {});
  // Returns how many rows the statement matched, not how many it changed.
  std::int64_t execute(const Sql& sql, const std::vector<Value>& parameters = {});
  // These take text that cannot be prepared or is made at run time (DDL, the CMS's configured tables).
  std::vector<Row> queryText(const std::string& text);
  std::int64_t executeText(const std::string& text, const std::vector<Value>& parameters);
  std::vector<Row> queryText(const std::string& text, const std::vector<Value>& parameters);

  void begin();
  void commit();    // throws CommitUnknown when the connection broke before the answer came
  void rollback();  // never throws: a broken connection has rolled back already

  const TableNames& names() const { return names_; }
  void close();

  // Returns the limits of the last session; before the first one, the server's defaults.
  const ServerLimits& limits() const { return limits_; }
  // Returns how many bytes of values one statement can surely carry.
  std::size_t statementBytes() const;
  // Returns how many bytes of texts one statement takes as JSON, whose escapes can make six bytes of one.
  std::size_t batchBytes() const;
  // Returns how many statements are kept prepared.
  std::size_t preparedCount() const { return prepared_.size(); }

  // This error may vanish when the whole transaction is repeated (kTransient of database_errors.cpp).
  struct Transient : StoreError {
    Transient(const std::string& what, bool timeout, bool lockWait)
        : StoreError(Kind::TryAgain, what), isTimeout(timeout), isLockWait(lockWait) {}
    bool isTimeout;   // the statement took too long, and would again
    bool isLockWait;  // another transaction held a lock for our whole lock wait
  };
  // The values of a row do not fit the table: its columns, its constraints or its triggers. Only the
  // statement is undone.
  struct RowRefused : StoreError {
    explicit RowRefused(const std::string& what) : StoreError(Kind::Broken, what) {}
  };
  // The server may or may not have committed: read back before doing anything again.
  struct CommitUnknown : StoreError {
    explicit CommitUnknown(const std::string& what) : StoreError(Kind::Unavailable, what) {}
  };

 private:
  struct Native;
  struct Prepared;

  void open();
  void setUp(Native& native);
  void readLimits(Native& native);
  bool mayPrepare() const;
  // Returns nullptr when the statement has to go as text.
  Prepared* prepare(const std::string& text);
  void makeRoomForPrepared();
  void refuseTooLarge(std::size_t bytes) const;
  std::string escaped(std::string_view value);  // for a literal in single quotes
  // `site` is the failpoint; an empty one means none.
  std::vector<Row> run(const std::string& text, const std::vector<Value>& parameters, std::int64_t* matched,
                       std::string_view site);
  std::vector<Row> runPrepared(Prepared& prepared, const std::vector<Value>& parameters,
                               std::int64_t* matched, const std::string& text);
  std::vector<Row> runText(const std::string& text, std::string_view site);
  std::vector<Row> sendText(const std::string& text, std::int64_t* matched);
  std::vector<Row> read(const std::string& text, const std::vector<Value>& parameters, std::string_view site);
  template <typename Body, typename Again>
  auto retryOnFreshConnection(bool nothingIsLost, Body body, Again again);
  template <typename Body>
  auto runInSession(Body body);
  template <typename Body>
  auto retryTransient(Body body);
  void passFailpoint(std::string_view site, platform::Moment moment, const std::string& text);
  [[noreturn]] void fail(unsigned error, const std::string& what, const std::string& text);

  ConnectionSettings settings_;
  TableNames names_;
  std::unique_ptr<Native> native_;
  ServerLimits limits_;
  std::unordered_map<std::string, std::unique_ptr<Prepared>> prepared_;
  std::uint64_t uses_ = 0;  // counts uses of prepared statements, to find the oldest
  std::chrono::steady_clock::time_point preparesAgain_{};  // until then statements go as text
  bool inTransaction_ = false;
  bool committing_ = false;
  int inARow_ = 0;        // COMMITs since the last statement outside a transaction
  bool chained_ = false;  // the last COMMIT has begun the next transaction
  bool isFirst_ = false;  // no statement has run in the transaction that a COMMIT began
};

// A Transaction rolls back when it is destroyed, unless it was committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) { connection_.begin(); }
  ~Transaction() {
    if (!done_) connection_.rollback();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit() {
    done_ = true;
    connection_.commit();
  }

 private:
  Connection& connection_;
  bool done_ = false;
};

}  // namespace taskqueue::store
