// JSON as a tree that can be folded without a script, its sensitive members masked.
#pragma once

#include <kainjow/mustache.hpp>
#include <map>
#include <string>
#include <vector>

namespace taskqueue::web {

// The members that nobody may see, by handler; those of "" for all.
using SensitiveMembers = std::map<std::string, std::vector<std::string>>;

class JsonTree {
 public:
  explicit JsonTree(const SensitiveMembers& sensitive) : sensitive_(sensitive) {}

  // HTML of <details> and lists, every text escaped. Text that is not JSON, or larger than is shown, as it
  // stands.
  std::string html(const std::string& json, const std::string& taskHandlerClass) const;
  // The same JSON, indented, with its sensitive members masked, for a field to edit.
  std::string masked(const std::string& json, const std::string& taskHandlerClass) const;

  // Whether masking changes anything: what is masked cannot be copied.
  bool hides(const std::string& json, const std::string& taskHandlerClass) const;

 private:
  std::vector<std::string> namesFor(const std::string& taskHandlerClass) const;

  const SensitiveMembers& sensitive_;
};

}  // namespace taskqueue::web
