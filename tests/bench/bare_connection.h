// Connector/C with nothing around it, for the yardsticks.
#pragma once

#include <mysql.h>

#include <string>
#include <vector>

namespace taskqueue::bench {

struct BareServer {
  std::string socket;
  std::string database;
};

// A deadlock or a lock wait that was over: the transaction must be rolled back and repeated.
struct Lost {};

// Belongs to one thread. Everything throws std::runtime_error when the server refuses it.
class BareConnection {
 public:
  explicit BareConnection(const BareServer& server);
  ~BareConnection();
  BareConnection(const BareConnection&) = delete;
  BareConnection& operator=(const BareConnection&) = delete;

  void say(const std::string& text);  // a statement without an answer; throws Lost, too
  std::vector<std::string> firstColumn(const std::string& text);
  MYSQL_STMT* prepare(const char* text);  // closed with the connection

  std::string quoted(const std::string& text);

 private:
  MYSQL* handle_;
  std::vector<MYSQL_STMT*> statements_;
};

// Throw Lost, too.
void run(MYSQL_STMT* statement, MYSQL_BIND& parameter);
void run(MYSQL_STMT* statement, const std::string& parameter);

}  // namespace taskqueue::bench
