// Secrets are stored as SHA-256 and compared in constant time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::platform {

// Returns the first line of the file without its line end, or nothing if the file cannot be read.
std::optional<std::string> readFirstLine(const std::string& path);

// Returns the SHA-256 in lower-case hexadecimal.
std::string sha256Hex(std::string_view text);

// Returns the HMAC-SHA-256 in lower-case hexadecimal.
std::string hmacSha256Hex(std::string_view key, std::string_view text);

// Returns a hash for a password file of nginx, as {SSHA}. Only for generated passwords: it is fast to
// compute.
std::string passwordFileHash(std::string_view password, std::string_view salt);

// Compares in a time that does not depend on where the texts differ.
bool sameSecret(std::string_view a, std::string_view b);

// Returns whether the secret's hash is in the list. An empty list matches nothing.
bool matchesAnyHash(std::string_view secret, const std::vector<std::string>& sha256Hashes);

}  // namespace taskqueue::platform
