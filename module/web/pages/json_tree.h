// JSON as a tree that can be folded without a script, its sensitive members masked.
#pragma once

#include <optional>
#include <string>

#include "module/json/masking.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

class JsonTree {
 public:
  explicit JsonTree(const json::SensitiveMembers& sensitive) : masker_(sensitive) {}

  // HTML of <details> and lists, every text escaped. What cannot be masked is not shown: the HTML says why.
  std::string html(const std::string& json, const std::string& taskHandlerClass, const Texts& say) const;

  // The JSON for a field to edit.
  struct Editable {
    std::string text;  // indented; empty when it cannot be masked
    bool hidesSomething = false;
    bool isUnreadable = false;
  };
  Editable editable(const std::string& json, const std::string& taskHandlerClass) const;

 private:
  json::Masker masker_;
};

}  // namespace taskqueue::web
