#include "tests/bench/bare_connection.h"

#include <cstring>
#include <stdexcept>

namespace taskqueue::bench {
namespace {

constexpr unsigned kDeadlock = 1213;
constexpr unsigned kLockWait = 1205;

[[noreturn]] void refuse(unsigned error, const char* problem) {
  if (error == kDeadlock || error == kLockWait) throw Lost{};
  throw std::runtime_error(problem);
}

}  // namespace

BareConnection::BareConnection(const BareServer& server) : handle_(mysql_init(nullptr)) {
  if (mysql_real_connect(handle_, nullptr, "root", nullptr, server.database.c_str(), 0, server.socket.c_str(),
                         0) == nullptr) {
    const std::string problem = mysql_error(handle_);
    mysql_close(handle_);
    throw std::runtime_error(problem);
  }
  say("SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci");
  say("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
}

BareConnection::~BareConnection() {
  for (MYSQL_STMT* statement : statements_) mysql_stmt_close(statement);
  mysql_close(handle_);
}

void BareConnection::say(const std::string& text) {
  if (mysql_real_query(handle_, text.data(), text.size()) != 0) {
    refuse(mysql_errno(handle_), mysql_error(handle_));
  }
}

std::vector<std::string> BareConnection::firstColumn(const std::string& text) {
  say(text);
  std::vector<std::string> column;
  MYSQL_RES* rows = mysql_store_result(handle_);
  if (rows == nullptr) throw std::runtime_error(mysql_error(handle_));
  while (const MYSQL_ROW row = mysql_fetch_row(rows)) column.emplace_back(row[0] == nullptr ? "" : row[0]);
  mysql_free_result(rows);
  return column;
}

MYSQL_STMT* BareConnection::prepare(const char* text) {
  MYSQL_STMT* statement = mysql_stmt_init(handle_);
  statements_.push_back(statement);
  if (mysql_stmt_prepare(statement, text, std::strlen(text)) != 0) {
    throw std::runtime_error(mysql_stmt_error(statement));
  }
  return statement;
}

std::string BareConnection::quoted(const std::string& text) {
  std::string to(2 * text.size() + 1, '\0');
  to.resize(mysql_real_escape_string(handle_, to.data(), text.data(), text.size()));
  return "'" + to + "'";
}

void run(MYSQL_STMT* statement, MYSQL_BIND& parameter) {
  mysql_stmt_bind_param(statement, &parameter);
  if (mysql_stmt_execute(statement) != 0) refuse(mysql_stmt_errno(statement), mysql_stmt_error(statement));
}

void run(MYSQL_STMT* statement, const std::string& parameter) {
  MYSQL_BIND bind{};
  unsigned long size = parameter.size();
  bind.buffer_type = MYSQL_TYPE_STRING;
  bind.buffer = const_cast<char*>(parameter.data());
  bind.buffer_length = size;
  bind.length = &size;
  run(statement, bind);
}

}  // namespace taskqueue::bench
