// Hides secrets in stored JSON, that is TaskData and Results, from readers who may not see them. Everything
// that shows such JSON to these readers uses a Masker. Texts of errors and logs have no members, so they are
// not masked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/json/read.h"

namespace taskqueue::json {

// Replaces a hidden value.
inline constexpr const char* kMask = "••••••";

// The names of members that hold secrets, by handler; those of "" apply to all handlers.
using SensitiveMembers = std::map<std::string, std::vector<std::string>>;

// Returns the names of members that hold secrets, unless the configuration has others.
const std::vector<std::string>& usualSensitiveMembers();

class Masker {
 public:
  // JSON beyond these limits cannot be shown, so it is hidden.
  static constexpr Limits kReadable{.bytes = 4 << 20, .depth = 64, .members = 20000};

  explicit Masker(const SensitiveMembers& sensitive);

  struct Masked {
    Document document;
    bool hidesSomething = false;
  };
  // Returns the JSON with its sensitive members masked, at any depth. Returns nothing if the JSON cannot be
  // read: then none of it may be shown.
  std::optional<Masked> masked(const std::string& text, const std::string& taskHandlerClass) const;

  // The same as JSON text. JSON that cannot be read becomes one masked string.
  std::string maskedText(const std::string& text, const std::string& taskHandlerClass) const;

 private:
  bool isSensitive(std::string_view name, const std::string& taskHandlerClass) const;
  void mask(Value& value, const std::string& taskHandlerClass, Masked& to) const;

  SensitiveMembers endings_;  // in the form that comparable() returns
};

// Puts the stored value wherever edited JSON still has a mask at the same place. Returns nothing if a mask is
// left: its place is new, so the secret is not known. Edited JSON that cannot be read is returned as it is.
std::optional<std::string> restoreMasked(const std::string& edited, const std::string& stored);

}  // namespace taskqueue::json
