#include "runner/mail/curl_library.h"

#include <stdexcept>

#include "runner/mail/library_module.h"

namespace taskqueue::mail {

const CurlLibrary& curl() {
  static const CurlLibrary& loaded = []() -> const CurlLibrary& {
    const std::string purpose = "mails and webhooks cannot be sent";
    const auto entry = reinterpret_cast<CurlEntry>(loadLibraryModule("curl", kCurlEntry, purpose));
    const CurlLibrary* library = entry();
    if (library == nullptr) throw std::runtime_error(purpose + ": libcurl does not start");
    return *library;
  }();
  return loaded;
}

}  // namespace taskqueue::mail
