// Reads the CMS's own configuration to find its database. The PHP is never executed; values that are not
// plain are refused with their line.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace taskqueue::platform {

// The text is one line with the file, the line number, the problem and how to mend it. It never holds a
// password.
class CmsConfigurationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CmsConfiguration {
  std::string path;    // the file that was read
  std::string host;    // never empty
  int port = 0;        // 0: the default port
  std::string socket;  // empty: the default socket if the host is localhost
  std::string user;
  std::string password;
  std::string database;
  std::string charset;    // DBCharset; may be empty
  std::string collation;  // DBCollation; may be empty
  std::string tablePrefix;
};

// Reads the configuration. `path` is the file or the site's directory, where system/config.php and then
// config.php are tried. The file may have either form:
//   $_CONFIG['Database']['DBHost'] = 'localhost';      from 5.1 on
//   DBHost = 'localhost'                               before 5.1, ini after a guard line
// Throws CmsConfigurationError.
CmsConfiguration readCmsConfiguration(const std::string& path);

// Parses the text of such a file. `path` is used in messages only.
CmsConfiguration parseCmsConfiguration(std::string_view text, const std::string& path);

}  // namespace taskqueue::platform
