// The values that the CMS's configuration sets, by the words of PHP and of its ini files, without executing
// anything.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace taskqueue::platform {

struct CmsValue {
  std::string text;
  std::string problem;  // not empty: it is no plain value, and why
  int line = 0;         // from 1
};

// The values of the section Database by their keys, the last one of each as PHP would have it; or "LINE: what
// is wrong" when the text is built in a way that does not tell what it sets.
using CmsValues = std::variant<std::map<std::string, CmsValue>, std::string>;

// Either form; see readCmsConfiguration().
CmsValues readCmsValues(std::string_view text);

}  // namespace taskqueue::platform
