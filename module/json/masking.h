// Hides secrets in stored JSON, that is TaskData and Results, from readers who may not see them. All that
// shows either to such a reader goes through here. Texts of errors and logs have no members: they stay as
// they are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/json/read.h"

namespace taskqueue::json {

// Stands in the place of what is hidden.
inline constexpr const char* kMask = "••••••";

// Names of members that hold secrets, by handler; those of "" hold for all.
using SensitiveMembers = std::map<std::string, std::vector<std::string>>;

// Names of members that hold secrets unless the configuration has others.
const std::vector<std::string>& usualSensitiveMembers();

class Masker {
 public:
  // More than this cannot be shown, so it is hidden.
  static constexpr Limits kReadable{.bytes = 4 << 20, .depth = 64, .members = 20000};

  explicit Masker(const SensitiveMembers& sensitive);

  struct Masked {
    Document document;
    bool hidesSomething = false;
  };
  // The JSON with its sensitive members masked, at any depth. Nothing when it cannot be read, and so not be
  // masked either: then none of it may be shown.
  std::optional<Masked> masked(const std::string& text, const std::string& taskHandlerClass) const;

  // The same as JSON text. JSON that cannot be read becomes one masked string.
  std::string maskedText(const std::string& text, const std::string& taskHandlerClass) const;

 private:
  bool isSensitive(std::string_view name, const std::string& taskHandlerClass) const;
  void mask(Value& value, const std::string& taskHandlerClass, Masked& to) const;

  SensitiveMembers endings_;  // as they are compared
};

}  // namespace taskqueue::json
