// Shows JSON as a tree that folds without a script. Sensitive members are masked.
#pragma once

#include <optional>
#include <string>

#include "module/json/masking.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

class JsonTree {
 public:
  explicit JsonTree(const json::SensitiveMembers& sensitive) : masker_(sensitive) {}

  // Returns <details> and lists with every text escaped. JSON that cannot be masked is not shown; the HTML
  // says why.
  std::string html(const std::string& json, const std::string& taskHandlerClass, const Texts& say) const;

  // Holds JSON for an input field.
  struct Editable {
    std::string text;  // indented; empty if it cannot be masked
    bool hidesSomething = false;
    bool isUnreadable = false;
  };
  Editable editable(const std::string& json, const std::string& taskHandlerClass) const;

 private:
  json::Masker masker_;
};

}  // namespace taskqueue::web
