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

}  // namespace taskqueue::json
