#include "module/web/fastcgi_head.h"

#include <optional>
#include <string>

namespace taskqueue::web {
namespace {

// These values come from the FastCGI specification 1.0, sections 3.3 and 8.
constexpr std::size_t kRecordHeaderBytes = 8;
constexpr unsigned char kVersion = 1;
constexpr unsigned char kBeginRequest = 1;
constexpr unsigned char kParameters = 4;
constexpr std::size_t kBeginBodyBytes = 8;

struct Record {
  unsigned char version;
  unsigned char type;
  unsigned id;
  std::size_t contentBytes;
  std::size_t paddingBytes;
};

Record recordAt(std::string_view bytes) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  return {byte(0), byte(1), byte(2) * 256U + byte(3), byte(4) * std::size_t{256} + byte(5), byte(6)};
}

// Takes a length off the front of the parameters: one byte, or four with the highest bit set (FastCGI 1.0,
// section 3.4). Nothing when it is cut off.
std::optional<std::size_t> takeLength(std::string_view& parameters) {
  if (parameters.empty()) return std::nullopt;
  const auto byteAt = [&](std::size_t i) { return static_cast<unsigned char>(parameters[i]); };
  const bool isShort = byteAt(0) < 0x80;
  if (!isShort && parameters.size() < 4) return std::nullopt;
  const std::size_t length =
      isShort ? byteAt(0) : (byteAt(0) & 0x7FU) << 24U | byteAt(1) << 16U | byteAt(2) << 8U | byteAt(3);
  parameters.remove_prefix(isShort ? 1 : 4);
  return length;
}

// Whether each name and value lies within the parameters. libfcgi allocates as much as a pair announces, and
// ends the process when it cannot.
bool pairsFit(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto name = takeLength(parameters);
    const auto value = name ? takeLength(parameters) : std::nullopt;
    if (!value || *name > parameters.size() || *value > parameters.size() - *name) return false;
    parameters.remove_prefix(*name + *value);
  }
  return true;
}

}  // namespace

HeadState headState(std::string_view bytes) {
  const bool tooLong = bytes.size() >= kMaxHeadBytes;
  unsigned id = 0;  // id of the request; 0 before its first record
  std::string parameters;
  while (bytes.size() >= kRecordHeaderBytes) {
    const Record record = recordAt(bytes);
    const bool begins = id == 0;
    if (record.version != kVersion || record.type != (begins ? kBeginRequest : kParameters)) {
      return HeadState::Broken;
    }
    // libfcgi skips records of another request and would then wait for more bytes.
    if (begins ? record.id == 0 || record.contentBytes != kBeginBodyBytes : record.id != id) {
      return HeadState::Broken;
    }
    id = record.id;
    const std::size_t size = kRecordHeaderBytes + record.contentBytes + record.paddingBytes;
    if (size > bytes.size()) break;
    if (!begins && record.contentBytes == 0)
      return pairsFit(parameters) ? HeadState::Complete : HeadState::Broken;
    if (!begins) parameters += bytes.substr(kRecordHeaderBytes, record.contentBytes);
    bytes.remove_prefix(size);
  }
  return tooLong ? HeadState::Broken : HeadState::Incomplete;
}

}  // namespace taskqueue::web
