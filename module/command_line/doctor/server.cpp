// Checks the settings of the database server and of our sessions.
#include <algorithm>
#include <charconv>

#include "module/command_line/doctor/checks.h"

namespace taskqueue::command_line::doctor {
namespace {

constexpr std::int64_t kMinPrepared = 2'000;  // below this, statements go as text
constexpr int kSessionsOfRunner = 2;          // its database thread, and a handler that uses the database
constexpr int kOtherSessions = 3;             // overseer, command line, and one for the administrator

// Reads settings by name. A setting that the server does not have is empty, and no number.
class Settings {
 public:
  explicit Settings(const std::map<std::string, std::string>& values) : values_(values) {}

  std::string text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
  }
  bool isOn(const std::string& name) const { return text(name) == "ON" || text(name) == "1"; }
  std::int64_t number(const std::string& name, std::int64_t absent) const {
    const std::string value = text(name);
    std::int64_t read = absent;
    std::from_chars(value.data(), value.data() + value.size(), read);
    return read;
  }
  // Returns whether the server has the setting with another value.
  bool differs(const std::string& name, const std::string& wanted) const {
    return values_.contains(name) && text(name) != wanted;
  }

 private:
  const std::map<std::string, std::string>& values_;
};

std::string setGlobal(const std::string& name, const std::string& value) {
  return "SET GLOBAL " + name + " = " + value + ";";
}

}  // namespace

Findings checkDurability(const Site& site) {
  const Settings global(site.database->globals);
  Findings found;
  const std::string flush = "innodb_flush_log_at_trx_commit";
  if (global.differs(flush, "1") && global.differs(flush, "3")) {
    found.push_back(
        {.state = State::Warning,
         .text = "it is " + global.text(flush) + ": a power failure loses the last second of enqueued tasks",
         .place = flush,
         .mend = setGlobal(flush, "1")});
  }
  if (global.isOn("log_bin") && global.differs("sync_binlog", "1")) {
    found.push_back({.state = State::Warning,
                     .text = "it is " + global.text("sync_binlog") +
                             ": after a power failure, a replica can lack tasks that the server has",
                     .place = "sync_binlog",
                     .mend = setGlobal("sync_binlog", "1")});
  }
  if (global.text("innodb_doublewrite") == "OFF") {
    found.push_back(
        {.state = State::Warning,
         .text = "it is off: a power failure can destroy pages of tables",
         .place = "innodb_doublewrite",
         .mend = "set innodb_doublewrite=ON in the server's configuration, and restart the server"});
  }
  return found;
}

Findings checkReplication(const Site& site) {
  const Settings global(site.database->globals);
  if (!global.isOn("log_bin") || global.text("binlog_format") != "STATEMENT") return {};
  return {{.state = State::Problem,
           .text = "it is STATEMENT, which InnoDB refuses under READ COMMITTED",
           .place = "binlog_format",
           .mend = setGlobal("binlog_format", "MIXED")}};
}

Findings checkServer(const Site& site) {
  const Settings global(site.database->globals);
  Findings found;
  const auto add = [&](State state, const std::string& place, const std::string& text,
                       const std::string& mend) {
    found.push_back({.state = state, .text = text, .place = place, .mend = mend});
  };
  if (global.isOn("read_only"))
    add(State::Problem, "read_only", "the server takes no writes", setGlobal("read_only", "0"));
  if (global.number("innodb_force_recovery", 0) > 0) {
    add(State::Problem, "innodb_force_recovery", "the server works for a repair only",
        "remove innodb_force_recovery from the server's configuration, and restart the server");
  }
  if (const std::string engine = global.text("enforce_storage_engine");
      !engine.empty() && engine != "InnoDB") {
    add(State::Problem, "enforce_storage_engine", "it is " + engine + ", so migrations cannot make tables",
        setGlobal("enforce_storage_engine", "NULL"));
  }
  if (global.text("innodb_autoinc_lock_mode") == "0") {
    add(State::Warning, "innodb_autoinc_lock_mode", "it is 0, so enqueues wait for each other",
        "set innodb_autoinc_lock_mode=1 in the server's configuration, and restart the server");
  }
  if (const auto prepared = global.number("max_prepared_stmt_count", kMinPrepared); prepared < kMinPrepared) {
    add(State::Warning, "max_prepared_stmt_count",
        "it is " + std::to_string(prepared) + ", so statements go as text, which costs the server more work",
        setGlobal("max_prepared_stmt_count", "16382"));
  }
  const auto runners =
      std::max<std::int64_t>(site.runnersExpected, static_cast<std::int64_t>(site.runners.size()));
  const std::int64_t needed = site.configuration.web.threads + kSessionsOfRunner * runners + kOtherSessions;
  for (const char* name : {"max_connections", "max_user_connections"}) {
    const auto allowed = global.number(name, 0);
    if (allowed <= 0 || allowed >= needed) continue;
    add(State::Warning, name,
        "it is " + std::to_string(allowed) + ", and the pages with " + std::to_string(runners) +
            " runners open up to " + std::to_string(needed),
        setGlobal(name, std::to_string(2 * needed)));
  }
  return found;
}

// Our programs set these for each session. Another value means that something in between changes them.
Findings checkSession(const Site& site) {
  const Settings session(site.database->sessions);
  const auto& database = site.configuration.database;
  Findings found;
  const auto need = [&](const std::string& name, const std::string& wanted) {
    if (!session.differs(name, wanted)) return;
    found.push_back(
        {.state = State::Problem,
         .text = "a session has " + session.text(name) + " instead of " + wanted,
         .place = name,
         .mend = "connect to the server itself: a proxy in between changes the settings of sessions"});
  };
  need("isolation", "READ-COMMITTED");
  need("time_zone", "+00:00");
  need("character_set_client", "utf8mb4");
  need("innodb_lock_wait_timeout", std::to_string(database.lockWait.count()));
  if (session.text("sql_mode").find("STRICT_ALL_TABLES") == std::string::npos)
    need("sql_mode", "STRICT_ALL_TABLES");
  return found;
}

}  // namespace taskqueue::command_line::doctor
