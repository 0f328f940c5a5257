#include "module/json/masking.h"

#include <algorithm>

namespace taskqueue::json {
namespace {

bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// Returns the form in which names are compared: "API-Key", "api_keys" and "apiKey2" are one.
std::string comparable(std::string_view name) {
  std::string to;
  for (const char c : name) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (isLetter(low) || (low >= '0' && low <= '9')) to += low;
  }
  while (!to.empty() && to.back() >= '0' && to.back() <= '9') to.pop_back();
  if (to.ends_with('s')) to.pop_back();
  return to;
}

}  // namespace

const std::vector<std::string>& usualSensitiveMembers() {
  // Endings: "pass" also hides "db_pass", and at times a word such as "compass".
  static const std::vector<std::string> names{"password",    "passwd",        "passphrase", "passcode",
                                              "pass",        "pwd",           "secret",     "token",
                                              "bearer",      "api_key",       "access_key", "secret_key",
                                              "private_key", "signing_key",   "ssh_key",    "encryption_key",
                                              "master_key",  "encrypt_key",   "hmac_key",   "license_key",
                                              "credential",  "cookie",        "session_id", "sessid",
                                              "auth",        "authorization", "jwt",        "otp",
                                              "cvv",         "dsn",           "passwort",   "kennwort",
                                              "пароль",      "serialized"};
  return names;
}

Masker::Masker(const SensitiveMembers& sensitive) {
  for (const auto& [handler, names] : sensitive) {
    for (const std::string& name : names) {
      // An empty ending would hide everything.
      if (std::string ending = comparable(name); !ending.empty())
        endings_[handler].push_back(std::move(ending));
    }
  }
}

bool Masker::isSensitive(std::string_view name, const std::string& taskHandlerClass) const {
  const std::string compared = comparable(name);
  const auto endsSo = [&](const std::string& handler) {
    const auto found = endings_.find(handler);
    return found != endings_.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [&](const std::string& ending) { return compared.ends_with(ending); });
  };
  return endsSo("") || endsSo(taskHandlerClass);
}

void Masker::mask(Value& value, const std::string& taskHandlerClass, Masked& to) const {
  if (value.IsArray()) {
    for (Value& element : value.GetArray()) mask(element, taskHandlerClass, to);
  }
  if (!value.IsObject()) return;
  for (auto& member : value.GetObject()) {
    if (isSensitive(textOf(member.name), taskHandlerClass)) {
      member.value.SetString(kMask, to.document.GetAllocator());
      to.hidesSomething = true;
    } else {
      mask(member.value, taskHandlerClass, to);
    }
  }
}

std::optional<Masker::Masked> Masker::masked(const std::string& text,
                                             const std::string& taskHandlerClass) const {
  auto parsed = read(text, kReadable);
  if (std::holds_alternative<Problem>(parsed)) return std::nullopt;
  Masked to{.document = std::move(std::get<Document>(parsed)), .hidesSomething = false};
  mask(to.document, taskHandlerClass, to);
  return to;
}

std::string Masker::maskedText(const std::string& text, const std::string& taskHandlerClass) const {
  const auto readable = masked(text, taskHandlerClass);
  return readable ? write(readable->document) : "\"" + std::string(kMask) + "\"";
}

namespace {

// Restores the masks below `value`. `stored` is the value at the same place, or null if there is none. Returns
// false if a mask is left.
bool restore(Value& value, const Value* stored, Document::AllocatorType& allocator, bool& isChanged) {
  if (value.IsString() && textOf(value) == kMask) {
    if (stored == nullptr) return false;
    value.CopyFrom(*stored, allocator);
    isChanged = true;
    return true;
  }
  bool isWhole = true;
  if (value.IsArray()) {
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
      const bool has = stored != nullptr && stored->IsArray() && i < stored->Size();
      isWhole = restore(value[i], has ? &(*stored)[i] : nullptr, allocator, isChanged) && isWhole;
    }
  }
  if (!value.IsObject()) return isWhole;
  for (auto& member : value.GetObject()) {
    const Value* other = nullptr;
    if (stored != nullptr && stored->IsObject()) {
      const auto found = stored->FindMember(member.name);
      if (found != stored->MemberEnd()) other = &found->value;
    }
    isWhole = restore(member.value, other, allocator, isChanged) && isWhole;
  }
  return isWhole;
}

}  // namespace

std::optional<std::string> restoreMasked(const std::string& edited, const std::string& stored) {
  auto readEdited = read(edited, Masker::kReadable);
  auto* document = std::get_if<Document>(&readEdited);
  if (document == nullptr) return edited;
  const auto readStored = read(stored, Masker::kReadable);
  bool isChanged = false;
  if (!restore(*document, std::get_if<Document>(&readStored), document->GetAllocator(), isChanged))
    return std::nullopt;
  return isChanged ? write(*document) : edited;
}

}  // namespace taskqueue::json
