// Holds what `taskqueue doctor` must know about the database: its settings, the account's rights and our
// tables.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace taskqueue {

// Describes an index that is missing, or that differs from what the migrations make.
struct IndexFault {
  std::string table{};
  std::string index{};
  std::string found{};                    // its columns; empty: there is no such index
  std::vector<std::string> statements{};  // names of the statements that fail without it
  std::string mend{};                     // the statement that makes it
};

// Names a statement of ours that the server refuses.
struct StatementFault {
  std::string name{};
  std::string problem{};
};

struct TableState {
  std::string name{};
  std::string rowFormat{};
  std::string collation{};
  std::int64_t rows = 0;   // estimated by the server
  std::int64_t bytes = 0;  // data and indexes
};

// Names a column that cannot hold every character.
struct ColumnFault {
  std::string table{};
  std::string column{};
  std::string characterSet{};
  std::string mend{};
};

struct AccountRights {
  std::string account{};               // as GRANT names it
  std::vector<std::string> missing{};  // those of sql/grants.sql that it lacks
  bool isUsable = true;                // it has the rights that the queue needs between two migrations
  std::string grant{};                 // the statement that grants these
  std::vector<std::string> wide{};     // rights on the whole server, which the queue does not need
  std::string revoke{};                // the statement that takes these away
};

struct DatabaseFacts {
  std::map<std::string, std::string> globals{};   // the server's settings, by names in small letters
  std::map<std::string, std::string> sessions{};  // the same of a session of ours
  std::vector<IndexFault> indexes{};
  std::vector<StatementFault> statements{};
  std::vector<TableState> tables{};
  std::vector<ColumnFault> columns{};
  AccountRights rights{};
  std::int64_t aheadMilliseconds = 0;  // how far its clock is ahead of this machine's
};

}  // namespace taskqueue
