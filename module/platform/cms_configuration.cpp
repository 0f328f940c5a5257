#include "module/platform/cms_configuration.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>

#include "module/platform/cms_values.h"

namespace taskqueue::platform {
namespace {

constexpr std::size_t kMaxConfigurationBytes = 256 << 10;  // largest size of the file
constexpr std::size_t kMaxPrefix = 40;                     // same limit as for database.table_prefix
constexpr std::size_t kMaxDatabaseName = 64;               // MariaDB's limit
constexpr int kMaxPort = 65535;

class Reader {
 public:
  Reader(std::string path, std::map<std::string, CmsValue> values)
      : path_(std::move(path)), values_(std::move(values)) {}

  [[noreturn]] void refuse(const std::string& key, const std::string& problem) const {
    const auto found = values_.find(key);
    const std::string line = found == values_.end() ? "" : ":" + std::to_string(found->second.line);
    throw CmsConfigurationError(path_ + line + ": " + key + " " + problem);
  }

  // Returns the value, or an empty text if the key is missing.
  std::string text(const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end()) return "";
    const CmsValue& value = found->second;
    if (!value.problem.empty()) refuse(key, value.problem);
    const bool isPlain = std::none_of(value.text.begin(), value.text.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < ' '; });
    if (!isPlain) refuse(key, "has control characters");
    return value.text;
  }

  std::string needed(const std::string& key) const {
    std::string value = text(key);
    if (value.empty()) refuse(key, "is missing or empty");
    return value;
  }

 private:
  std::string path_;
  std::map<std::string, CmsValue> values_;
};

bool isWord(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Reads "host", "host:3307" or "localhost:/run/mysqld/mysqld.sock". A bare IPv6 address has more than one
// colon.
void takeHost(const Reader& reader, CmsConfiguration& to) {
  to.host = reader.text("DBHost");
  if (to.host.starts_with("p:")) to.host.erase(0, 2);  // PHP's prefix for persistent connections
  const auto colon = to.host.find(':');
  if (colon != std::string::npos && colon == to.host.rfind(':')) {
    const std::string behind = to.host.substr(colon + 1);
    to.host.erase(colon);
    if (behind.starts_with('/')) {
      to.socket = behind;
    } else {
      const auto [end, error] = std::from_chars(behind.data(), behind.data() + behind.size(), to.port);
      const bool fits =
          error == std::errc() && end == behind.data() + behind.size() && to.port >= 1 && to.port <= kMaxPort;
      if (!fits) reader.refuse("DBHost", "has no port from 1 to 65535 behind its colon");
    }
  }
  if (to.host.empty()) to.host = "localhost";
}

}  // namespace

CmsConfiguration parseCmsConfiguration(std::string_view text, const std::string& path) {
  if (text.find('\0') != std::string_view::npos) throw CmsConfigurationError(path + ": is not text");
  const auto values = readCmsValues(text);
  if (const auto* problem = std::get_if<std::string>(&values))
    throw CmsConfigurationError(path + ":" + *problem);
  const Reader reader(path, std::get<std::map<std::string, CmsValue>>(values));
  CmsConfiguration to;
  to.path = path;
  to.database = reader.needed("DBName");
  to.user = reader.needed("DBUser");
  to.password = reader.text("DBUserPassword");
  to.charset = reader.text("DBCharset");
  to.collation = reader.text("DBCollation");
  to.tablePrefix = reader.text("TablePrefix");
  takeHost(reader, to);
  const std::string type = reader.text("DBType");
  if (!type.empty() && !type.starts_with("mysql") && !type.starts_with("mariadb"))
    reader.refuse("DBType", "must be MySQL or MariaDB, not '" + type + "'");
  if (to.database.size() > kMaxDatabaseName) reader.refuse("DBName", "is longer than 64 bytes");
  if (to.database.find_first_of("`'\"\\/;#") != std::string::npos)
    reader.refuse("DBName", "has a quote, slash, ';' or '#', which no configuration of ours can carry");
  if (to.tablePrefix.size() > kMaxPrefix || !isWord(to.tablePrefix))
    reader.refuse("TablePrefix", "must be at most 40 letters, digits and '_'");
  if (!isWord(to.charset)) reader.refuse("DBCharset", "must be letters, digits and '_'");
  if (!isWord(to.collation)) reader.refuse("DBCollation", "must be letters, digits and '_'");
  return to;
}

CmsConfiguration readCmsConfiguration(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  std::string file = path;
  if (fs::is_directory(path, ignored)) {
    file = path + "/system/config.php";
    if (!fs::exists(file, ignored)) file = path + "/config.php";
    if (!fs::exists(file, ignored)) {
      throw CmsConfigurationError(
          path + ": has neither system/config.php nor config.php: name the site's directory");
    }
  }
  if (!fs::is_regular_file(file, ignored)) {
    throw CmsConfigurationError(file + ": is not a file: name the site's directory or its config.php");
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw CmsConfigurationError(file +
                                ": cannot be read: run the command as a user who may read it, or as root");
  std::string text(kMaxConfigurationBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) throw CmsConfigurationError(file + ": cannot be read to its end");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxConfigurationBytes) {
    throw CmsConfigurationError(file + ": is larger than " + std::to_string(kMaxConfigurationBytes) +
                                " bytes: it is not a configuration");
  }
  return parseCmsConfiguration(text, file);
}

}  // namespace taskqueue::platform
