#include "module/web/fastcgi_head.h"

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

}  // namespace

HeadState headState(std::string_view bytes) {
  const bool tooLong = bytes.size() >= kMaxHeadBytes;
  unsigned id = 0;  // id of the request; 0 before its first record
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
    if (!begins && record.contentBytes == 0) return HeadState::Complete;
    bytes.remove_prefix(size);
  }
  return tooLong ? HeadState::Broken : HeadState::Incomplete;
}

}  // namespace taskqueue::web
