// Connector/C without any layer, for the baselines.
#pragma once

#include <mysql.h>

#include <string>
#include <vector>

namespace taskqueue::bench {

struct BareServer {
  std::string socket;
  std::string database;
};

// A deadlock or a lock wait timeout: the transaction must be rolled back and repeated.
struct Lost {};

// Belongs to one thread. All functions throw std::runtime_error when the server reports an error.
class BareConnection {
 public:
  explicit BareConnection(const BareServer& server);
  ~BareConnection();
  BareConnection(const BareConnection&) = delete;
  BareConnection& operator=(const BareConnection&) = delete;

  void say(const std::string& text);  // a statement without a result; may throw Lost
  std::vector<std::string> firstColumn(const std::string& text);
  MYSQL_STMT* prepare(const char* text);  // closed with the connection

  std::string quoted(const std::string& text);

 private:
  MYSQL* handle_;
  std::vector<MYSQL_STMT*> statements_;
};

// These may also throw Lost.
void run(MYSQL_STMT* statement, MYSQL_BIND& parameter);
void run(MYSQL_STMT* statement, const std::string& parameter);

}  // namespace taskqueue::bench
