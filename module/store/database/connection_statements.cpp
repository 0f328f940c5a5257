// This part of Connection runs one statement, prepared or as text, and reads its answer.
#include <algorithm>
#include <charconv>

#include "module/store/database/connection_native.h"
#include "module/store/database/database_errors.h"
#include "module/store/database/server_errors.h"
#include "module/store/sql/statement_text.h"

namespace taskqueue::store {
namespace {

// All sessions of the server share max_prepared_stmt_count. We keep one part in kShareOfPrepared of it, so
// that other programs have enough. If that is less than kMinPrepared, preparing costs more than it saves.
constexpr std::int64_t kShareOfPrepared = 100;
constexpr std::int64_t kMinPrepared = 20;
constexpr std::chrono::seconds kPauseOfPreparing{60};  // after the server refused to prepare one more

constexpr std::int64_t kPacketOverhead = 8 << 10;  // bytes of a statement beside its values
constexpr std::size_t kBatchBytes = 2 << 20;
constexpr std::int64_t kMinBatch = 512;

constexpr std::size_t kShownBytes = 400;  // how much of a statement an error shows

}  // namespace

bool Connection::mayPrepare() const {
  return limits_.preparedStatements / kShareOfPrepared >= kMinPrepared &&
         std::chrono::steady_clock::now() >= preparesAgain_;
}

std::size_t Connection::statementBytes() const {
  const std::int64_t overhead = std::min(kPacketOverhead, limits_.packetBytes / 2);
  // A value sent as text can take twice its bytes.
  const std::int64_t factor = mayPrepare() ? 1 : 2;
  return static_cast<std::size_t>((limits_.packetBytes - overhead) / factor);
}

std::size_t Connection::batchBytes() const {
  constexpr std::size_t kEscaped = 7;  // 6 for the escapes, and what stands between the texts
  return std::clamp<std::size_t>(statementBytes() / kEscaped, kMinBatch, kBatchBytes);
}

void Connection::refuseTooLarge(std::size_t bytes) const {
  if (static_cast<std::int64_t>(bytes) <= limits_.packetBytes) return;
  throw TooLargeForServer("It takes " + std::to_string(bytes) + " bytes, and the database server takes " +
                          std::to_string(limits_.packetBytes) +
                          " at once: make it smaller, or raise max_allowed_packet on the server");
}

Connection::Prepared* Connection::prepare(const std::string& text) {
  if (const auto found = prepared_.find(text); found != prepared_.end()) {
    found->second->lastUse = ++uses_;
    return found->second.get();
  }
  if (!mayPrepare()) return nullptr;
  makeRoomForPrepared();
  MYSQL_STMT* raw = mysql_stmt_init(native_->handle);
  if (raw == nullptr) throw StoreError(StoreError::Kind::Broken, "no memory for a statement");
  auto prepared = std::make_unique<Prepared>(raw);
  if (mysql_stmt_prepare(raw, text.data(), text.size()) != 0) {
    const unsigned error = mysql_stmt_errno(raw);
    const std::string what = mysql_stmt_error(raw);
    prepared.reset();
    if (error != ER_MAX_PREPARED_STMT_COUNT_REACHED) fail(error, what, text);
    prepared_.clear();  // Other sessions may depend on prepared statements.
    preparesAgain_ = std::chrono::steady_clock::now() + kPauseOfPreparing;
    return nullptr;
  }
  const my_bool yes = 1;
  mysql_stmt_attr_set(raw, STMT_ATTR_UPDATE_MAX_LENGTH, &yes);
  prepared->lastUse = ++uses_;
  return prepared_.emplace(text, std::move(prepared)).first->second.get();
}

void Connection::makeRoomForPrepared() {
  if (static_cast<std::int64_t>(prepared_.size()) < limits_.preparedStatements / kShareOfPrepared) return;
  prepared_.erase(std::min_element(
      prepared_.begin(), prepared_.end(),
      [](const auto& one, const auto& other) { return one.second->lastUse < other.second->lastUse; }));
}

void Connection::fail(unsigned error, const std::string& what, const std::string& text) {
  const bool wasCommitting = committing_;
  committing_ = false;
  if (endsSession(error)) {
    close();
    if (wasCommitting) throw CommitUnknown("the connection broke during COMMIT: " + what);
  }
  const std::string advice = adviceOn(error);
  const std::string message =
      "database error " + std::to_string(error) + ": " + what + (advice.empty() ? "" : " (" + advice + ")");
  const std::string messageWithText = message + " in: " + text.substr(0, kShownBytes);
  switch (classify(error, what)) {
    case ErrorClass::Transient:
      throw Transient(message, isTimeout(error), isLockWait(error));
    case ErrorClass::Duplicate:
      throw StoreError(StoreError::Kind::Conflict, message);
    case ErrorClass::NoRoom:
      throw NoRoomOnServer(message);
    case ErrorClass::TooLarge:
      throw TooLargeForServer(message);
    case ErrorClass::Unavailable:
      throw StoreError(StoreError::Kind::Unavailable, message);
    case ErrorClass::RowRefused:
      throw RowRefused(messageWithText);
    case ErrorClass::Other:
      break;
  }
  throw StoreError(StoreError::Kind::Broken, messageWithText);
}

void Connection::passFailpoint(std::string_view site, platform::Moment moment, const std::string& text) {
  if (site.empty()) return;
  if (const unsigned error = platform::passFailpoint(site, moment)) fail(error, "a failpoint", text);
}

std::vector<Row> Connection::run(const std::string& text, const std::vector<Value>& parameters,
                                 std::int64_t* matched, std::string_view site) {
  passFailpoint(site, platform::Moment::Before, text);
  open();
  const bool anyList =
      std::any_of(parameters.begin(), parameters.end(), [](const Value& value) { return value.isList(); });
  Prepared* prepared = anyList ? nullptr : prepare(text);
  std::vector<Row> rows;
  if (prepared != nullptr) {
    rows = runPrepared(*prepared, parameters, matched, text);
  } else {
    rows = sendText(withValues(text, parameters, [this](std::string_view value) { return escaped(value); }),
                    matched);
  }
  native_->used = true;
  passFailpoint(site, platform::Moment::After, text);
  return rows;
}

std::string Connection::escaped(std::string_view value) {
  std::string to(2 * value.size() + 1, '\0');
  to.resize(mysql_real_escape_string(native_->handle, to.data(), value.data(), value.size()));
  return to;
}

std::vector<Row> Connection::runPrepared(Prepared& prepared, const std::vector<Value>& parameters,
                                         std::int64_t* matched, const std::string& text) {
  MYSQL_STMT* statement = prepared.statement;
  if (mysql_stmt_param_count(statement) != parameters.size()) {
    throw StoreError(StoreError::Kind::Broken,
                     "wrong number of parameters for: " + text.substr(0, kShownBytes));
  }
  constexpr std::size_t kBytesOfPacket = 64;
  constexpr std::size_t kBytesOfParameter = 12;  // beside a text
  std::size_t bytes = kBytesOfPacket + parameters.size() * kBytesOfParameter;
  std::vector<MYSQL_BIND> binds(parameters.size());
  std::vector<unsigned long> lengths(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    MYSQL_BIND& bind = binds[i];
    if (parameters[i].isNull()) {
      bind.buffer_type = MYSQL_TYPE_NULL;
    } else if (const std::int64_t* number = parameters[i].number()) {
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.buffer = const_cast<std::int64_t*>(number);
    } else {
      const std::string_view string = *parameters[i].text();
      bytes += string.size();
      lengths[i] = string.size();
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = const_cast<char*>(string.data());
      bind.buffer_length = string.size();
      bind.length = &lengths[i];
    }
  }
  refuseTooLarge(bytes);
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
  return rows;
}

std::vector<Row> Connection::runText(const std::string& text, std::string_view site) {
  passFailpoint(site, platform::Moment::Before, text);
  open();
  std::vector<Row> rows = sendText(text, nullptr);
  native_->used = true;
  passFailpoint(site, platform::Moment::After, text);
  return rows;
}

std::vector<Row> Connection::sendText(const std::string& text, std::int64_t* matched) {
  refuseTooLarge(text.size());
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
  } else if (mysql_field_count(native_->handle) != 0) {
    const std::string what = mysql_error(native_->handle);
    fail(mysql_errno(native_->handle), what, text);
  }
  if (matched != nullptr) *matched = static_cast<std::int64_t>(mysql_affected_rows(native_->handle));
  return rows;
}

}  // namespace taskqueue::store
