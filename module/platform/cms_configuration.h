// The CMS's own configuration, read for the place of its database. It is PHP that never is executed: what is
// no plain value is refused with its line.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace taskqueue::platform {

// One line: which file and line, what is wrong, how to mend it. It never holds a password.
class CmsConfigurationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CmsConfiguration {
  std::string path;    // of the file that it was read from
  std::string host;    // never empty
  int port = 0;        // 0: the usual one
  std::string socket;  // empty: the usual one, when the host is localhost
  std::string user;
  std::string password;
  std::string database;
  std::string charset;    // DBCharset; may be empty
  std::string collation;  // DBCollation; may be empty
  std::string tablePrefix;
};

// `path` is the site's directory (system/config.php is looked for, then config.php) or the file itself, in
// either form:
//   $_CONFIG['Database']['DBHost'] = 'localhost';      from 5.1 on
//   DBHost = 'localhost'                               ini behind a guard line, before
// Throws CmsConfigurationError.
CmsConfiguration readCmsConfiguration(const std::string& path);

// The same of a text; `path` is for messages.
CmsConfiguration parseCmsConfiguration(std::string_view text, const std::string& path);

}  // namespace taskqueue::platform
