// Reads the values in the CMS's configuration, in PHP or ini form, without executing it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace taskqueue::platform {

struct CmsValue {
  std::string text;
  std::string problem;  // why this is not a plain value; empty: it is one
  int line = 0;         // counted from 1
};

// Holds the values of the section Database by key; the last assignment counts, as in PHP. If the code hides
// which values it sets, the result is "LINE: problem" instead.
using CmsValues = std::variant<std::map<std::string, CmsValue>, std::string>;

// Reads either form; see readCmsConfiguration().
CmsValues readCmsValues(std::string_view text);

}  // namespace taskqueue::platform
