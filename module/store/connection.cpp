#include "module/store/connection.h"

#include <mysql.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <thread>
#include <utility>

namespace taskqueue::store {
namespace {

// Server errors by what the caller can do about them; see module/DESIGN.md, "Errors of the database".
// 1467 is what INSERT … SELECT says when its wait for the counter of Ids ends in a deadlock.
constexpr std::array kTransient{1213U, 1205U, 1020U, 1317U, 1467U, 1969U};
constexpr std::array kTimeouts{1317U, 1969U};
constexpr std::array kUnavailable{1040U, 1044U, 1045U, 1047U, 1049U, 1053U, 1077U, 1079U, 1080U, 1129U,
                                  1130U, 1158U, 1159U, 1160U, 1161U, 1203U, 1226U, 1290U, 1836U, 1927U};
constexpr std::array kSessionGone{1053U, 1077U, 1079U, 1080U, 1158U, 1159U, 1160U, 1161U, 1927U};
constexpr std::array kRowRefused{1048U, 1264U, 1265U, 1292U, 1366U, 1406U, 1451U, 1452U, 1644U, 4025U};
constexpr unsigned kDuplicateKey = 1062;
constexpr unsigned kLockWait = 1205;
constexpr unsigned kFirstClientError = 2000;
constexpr unsigned kLastClientError = 2999;

template <typename List>
bool contains(const List& list, unsigned error) {
  return std::find(list.begin(), list.end(), error) != list.end();
}

bool isClientError(unsigned error) {
  return error >= kFirstClientError && error <= kLastClientError;
}

bool endsSession(unsigned error) {
  return isClientError(error) || contains(kSessionGone, error);
}

std::string sessionSetup(const ConnectionSettings& settings) {
  return "SET SESSION time_zone='+00:00', "
         "sql_mode='STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,"
         "SIMULTANEOUS_ASSIGNMENT', innodb_lock_wait_timeout=" +
         std::to_string(settings.lockWait.count()) +
         ", max_statement_time=" + std::to_string(settings.statementLimit.count()) +
         // Text columns of JSON_TABLE take the schema's character set, which on an old site is latin1.
         ", collation_connection='utf8mb4_unicode_ci', collation_database='utf8mb4_unicode_ci'";
}

}  // namespace

std::optional<std::int64_t> Row::optionalInteger() {
  const auto& cell = cells_.at(next_++);
  if (!cell) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(cell->data(), cell->data() + cell->size(), value);
  return value;
}

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

  explicit Prepared(MYSQL_STMT* from) : statement(from) {}
  ~Prepared() { mysql_stmt_close(statement); }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
};

Connection::Connection(ConnectionSettings settings, TableNames names)
    : settings_(std::move(settings)), names_(std::move(names)) {}

Connection::~Connection() {
  close();
}

void Connection::close() {
  prepared_.clear();  // statements first: they belong to the connection
  native_.reset();
  inTransaction_ = false;
  chained_ = false;
}

void Connection::open() {
  if (native_) return;
  passFailpoint("connect", platform::Moment::Before, "connect");
  auto native = std::make_unique<Native>();
  const unsigned connectSeconds = static_cast<unsigned>(settings_.connectLimit.count());
  // A little above the server's own limit, which ends the statement and keeps the connection.
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
  // The variable for the isolation has another name in MariaDB 11; this statement is the same in all.
  for (const std::string& setup :
       {std::string("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"), sessionSetup(settings_)}) {
    if (mysql_real_query(native->handle, setup.data(), setup.size()) == 0) continue;
    const unsigned error = mysql_errno(native->handle);
    throw StoreError(isClientError(error) ? StoreError::Kind::Unavailable : StoreError::Kind::Broken,
                     std::string("cannot set up the database session: ") + mysql_error(native->handle));
  }
  native_ = std::move(native);
  passFailpoint("connect", platform::Moment::After, "connect");
}

Connection::Prepared& Connection::prepare(const std::string& text) {
  if (const auto found = prepared_.find(text); found != prepared_.end()) return *found->second;
  MYSQL_STMT* raw = mysql_stmt_init(native_->handle);
  if (raw == nullptr) throw StoreError(StoreError::Kind::Broken, "no memory for a statement");
  auto prepared = std::make_unique<Prepared>(raw);
  if (mysql_stmt_prepare(raw, text.data(), text.size()) != 0) {
    const unsigned error = mysql_stmt_errno(raw);
    const std::string what = mysql_stmt_error(raw);
    prepared.reset();
    fail(error, what, text);
  }
  const my_bool yes = 1;
  mysql_stmt_attr_set(raw, STMT_ATTR_UPDATE_MAX_LENGTH, &yes);
  return *prepared_.emplace(text, std::move(prepared)).first->second;
}

void Connection::fail(unsigned error, const std::string& what, const std::string& text) {
  const bool wasCommitting = committing_;
  committing_ = false;
  if (endsSession(error)) {
    close();
    if (wasCommitting) throw CommitUnknown("the connection broke during COMMIT: " + what);
  }
  const std::string told = "database error " + std::to_string(error) + ": " + what;
  if (contains(kTransient, error)) throw Transient(told, contains(kTimeouts, error), error == kLockWait);
  if (error == kDuplicateKey) throw StoreError(StoreError::Kind::Conflict, told);
  if (isClientError(error) || contains(kUnavailable, error)) {
    throw StoreError(StoreError::Kind::Unavailable, told);
  }
  const std::string toldWithText = told + " in: " + text.substr(0, 400);
  if (contains(kRowRefused, error)) throw RowRefused(toldWithText);
  throw StoreError(StoreError::Kind::Broken, toldWithText);
}

void Connection::passFailpoint(std::string_view site, platform::Moment moment, const std::string& text) {
  if (site.empty()) return;
  if (const unsigned error = platform::passFailpoint(site, moment)) fail(error, "a failpoint", text);
}

std::vector<Row> Connection::run(const std::string& text, const std::vector<Value>& parameters,
                                 std::int64_t* matched, std::string_view site) {
  passFailpoint(site, platform::Moment::Before, text);
  open();
  MYSQL_STMT* statement = prepare(text).statement;
  if (mysql_stmt_param_count(statement) != parameters.size()) {
    throw StoreError(StoreError::Kind::Broken, "wrong number of parameters for: " + text.substr(0, 400));
  }

  std::vector<MYSQL_BIND> binds(parameters.size());
  std::vector<unsigned long> lengths(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    MYSQL_BIND& bind = binds[i];
    if (std::holds_alternative<std::nullptr_t>(parameters[i])) {
      bind.buffer_type = MYSQL_TYPE_NULL;
    } else if (const auto* number = std::get_if<std::int64_t>(&parameters[i])) {
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.buffer = const_cast<std::int64_t*>(number);
    } else {
      const auto& string = std::get<std::string>(parameters[i]);
      lengths[i] = string.size();
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = const_cast<char*>(string.data());
      bind.buffer_length = string.size();
      bind.length = &lengths[i];
    }
  }
  const auto failStatement = [&] {
    const unsigned error = mysql_stmt_errno(statement);
    const std::string what = mysql_stmt_error(statement);
    fail(error, what, text);
  };
  if (!binds.empty() && mysql_stmt_bind_param(statement, binds.data()) != 0) failStatement();
  if (mysql_stmt_execute(statement) != 0) failStatement();

  std::vector<Row> rows;
  const unsigned columns = mysql_stmt_field_count(statement);
  if (columns > 0) {
    if (mysql_stmt_store_result(statement) != 0) failStatement();
    const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> metadata(
        mysql_stmt_result_metadata(statement), &mysql_free_result);
    std::vector<std::string> buffers(columns);
    std::vector<unsigned long> sizes(columns);
    std::vector<my_bool> nulls(columns);
    std::vector<MYSQL_BIND> results(columns);
    for (unsigned i = 0; i < columns; ++i) {
      constexpr unsigned long kRoomForNumbers = 64;
      buffers[i].resize(std::max(mysql_fetch_field_direct(metadata.get(), i)->max_length, kRoomForNumbers));
      results[i].buffer_type = MYSQL_TYPE_STRING;
      results[i].buffer = buffers[i].data();
      results[i].buffer_length = buffers[i].size();
      results[i].length = &sizes[i];
      results[i].is_null = &nulls[i];
    }
    if (mysql_stmt_bind_result(statement, results.data()) != 0) failStatement();
    while (true) {
      const int fetched = mysql_stmt_fetch(statement);
      if (fetched == MYSQL_NO_DATA) break;
      if (fetched == 1) failStatement();
      std::vector<std::optional<std::string>> cells(columns);
      for (unsigned i = 0; i < columns; ++i) {
        if (nulls[i] == 0)
          cells[i].emplace(buffers[i].data(), std::min<std::size_t>(sizes[i], buffers[i].size()));
      }
      rows.emplace_back(std::move(cells));
    }
    mysql_stmt_free_result(statement);
  }
  if (matched != nullptr) *matched = static_cast<std::int64_t>(mysql_stmt_affected_rows(statement));
  native_->used = true;
  passFailpoint(site, platform::Moment::After, text);
  return rows;
}

// The server may have closed an idle connection meanwhile. Where nothing is lost by it, a new one serves as
// well: `again` is done on that.
template <typename Body, typename Again>
auto Connection::orAnew(bool nothingIsLost, Body body, Again again) {
  const bool mayBeStale = nothingIsLost && native_ && native_->used;
  try {
    return body();
  } catch (const StoreError& error) {
    if (!mayBeStale || error.kind() != StoreError::Kind::Unavailable || native_) throw;
  }
  return again();
}

// Where COMMIT has begun the next transaction (see commit): a statement outside ends it first, so as not to
// become a part of it, and the first one inside is the one that may meet a connection that is closed.
template <typename Body>
auto Connection::inItsPlace(Body body) {
  if (!inTransaction_) {
    inARow_ = 0;
    if (chained_) rollback();
  }
  return orAnew(std::exchange(isFirst_, false), body, [&] {
    begin();
    return body();
  });
}

// A statement outside a transaction is one of its own, and is repeated like one.
template <typename Body>
auto Connection::repeatAlone(Body body) {
  constexpr int kTries = 8;
  constexpr std::chrono::milliseconds kFirstWait{5};
  for (int attempt = 1;; ++attempt) {
    try {
      return body();
    } catch (const Transient& error) {
      if (inTransaction_ || attempt == kTries || error.isTimeout) throw;
    }
    std::this_thread::sleep_for(kFirstWait * (1 << (attempt - 1)));
  }
}

std::vector<Row> Connection::read(const std::string& text, const std::vector<Value>& parameters,
                                  std::string_view site) {
  return inItsPlace([&] {
    const auto ask = [&] { return run(text, parameters, nullptr, site); };
    return orAnew(
        !inTransaction_ && text.starts_with("SELECT"), [&] { return repeatAlone(ask); }, ask);
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
  inItsPlace([&] { return repeatAlone([&] { return run(text, parameters, &matched, sql.name()); }); });
  return matched;
}

std::int64_t Connection::executeText(const std::string& text, const std::vector<Value>& parameters) {
  std::int64_t matched = 0;
  inItsPlace([&] { return run(text, parameters, &matched, {}); });
  return matched;
}

std::vector<Row> Connection::queryText(const std::string& text) {
  return inItsPlace([&] { return runText(text, {}); });
}

std::vector<Row> Connection::runText(const std::string& text, std::string_view site) {
  passFailpoint(site, platform::Moment::Before, text);
  open();
  if (mysql_real_query(native_->handle, text.data(), text.size()) != 0) {
    const std::string what = mysql_error(native_->handle);
    fail(mysql_errno(native_->handle), what, text);
  }
  std::vector<Row> rows;
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_store_result(native_->handle),
                                                                        &mysql_free_result);
  if (result) {
    const unsigned columns = mysql_num_fields(result.get());
    while (MYSQL_ROW raw = mysql_fetch_row(result.get())) {
      const unsigned long* sizes = mysql_fetch_lengths(result.get());
      std::vector<std::optional<std::string>> cells(columns);
      for (unsigned i = 0; i < columns; ++i) {
        if (raw[i] != nullptr) cells[i].emplace(raw[i], sizes[i]);
      }
      rows.emplace_back(std::move(cells));
    }
  }
  native_->used = true;
  passFailpoint(site, platform::Moment::After, text);
  return rows;
}

void Connection::begin() {
  isFirst_ = std::exchange(chained_, false);
  if (!isFirst_) {
    const auto start = [this] { return runText("START TRANSACTION", "begin"); };
    orAnew(true, start, start);
  }
  inTransaction_ = true;
}

// Where transactions follow each other with nothing between them, COMMIT begins the next one: a trip less.
// Not before there were a few: a statement outside would cost a trip more.
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
    rollback();  // whatever has been begun
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
