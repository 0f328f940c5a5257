// Reads which rights the account has, for the whole server and for our schema.
#include <algorithm>
#include <array>

#include "module/store/diagnosis/database_facts.h"
#include "module/store/site.h"

namespace taskqueue::store {
namespace {

constexpr const char* kOwnAccount =
    "make an account with the rights of sql/grants.sql alone, and name it in database.option_file";

// Adds the rights that one line of SHOW GRANTS gives on the whole server: "GRANT FILE, SUPER ON *.* TO …". A
// right to pass on rights counts on any object.
void addWide(std::string_view line, std::vector<std::string>& wide, std::string& revoke,
             const std::string& account) {
  const auto on = line.find(" ON ");
  if (!line.starts_with("GRANT ") || on == std::string_view::npos) return;
  constexpr std::size_t kGrant = 6;
  const std::string list(line.substr(kGrant, on - kGrant));
  const auto to = line.find(" TO ", on);
  const std::string object(line.substr(on, to - on));
  const bool isEverywhere = object == " ON *.*" && list != "USAGE";
  const bool passesOn = line.find(" WITH GRANT OPTION") != std::string_view::npos && list != "PROXY";
  if (!isEverywhere && !passesOn) return;
  std::string rights = isEverywhere ? list : "";
  if (passesOn) rights += rights.empty() ? "GRANT OPTION" : ", GRANT OPTION";
  wide.push_back(rights + object);
  // Who administers the server needs such an account. So the queue gets another one.
  if (isEverywhere && list.starts_with("ALL")) {
    revoke = kOwnAccount;
    return;
  }
  if (revoke != kOwnAccount)
    revoke += (revoke.empty() ? "REVOKE " : " REVOKE ") + rights + object + " FROM " + account + ";";
}

}  // namespace

AccountRights readAccountRights(Connection& connection, const std::string& database) {
  const RightsAnswer answer = checkRights(connection, database);
  // Migrations alone need the others, which may be revoked between two of them (sql/grants.sql).
  constexpr std::array<std::string_view, 4> kToWork{"SELECT", "INSERT", "UPDATE", "DELETE"};
  AccountRights rights{.account = answer.account, .missing = answer.missing, .grant = answer.grant};
  rights.isUsable = std::none_of(answer.missing.begin(), answer.missing.end(), [&](const std::string& right) {
    return std::find(kToWork.begin(), kToWork.end(), right) != kToWork.end();
  });
  for (Row& row : connection.queryText("SHOW GRANTS"))
    addWide(row.as<std::string>(), rights.wide, rights.revoke, rights.account);
  // An account that has its rights for the whole server needs them for our schema afterwards.
  if (!rights.revoke.empty() && rights.revoke != kOwnAccount)
    rights.revoke += " " + grantStatement(kNeededRights, database, rights.account);
  return rights;
}

}  // namespace taskqueue::store
