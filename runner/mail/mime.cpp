#include "runner/mail/mime.h"

#include "runner/mail/library_module.h"

namespace taskqueue::mail {
namespace {

// GLib keeps its types until the process ends.
const Mime* load() {
  const auto entry =
      reinterpret_cast<MimeEntry>(loadLibraryModule("mime", kMimeEntry, "mails cannot be made"));
  return entry();
}

}  // namespace

const Mime& mime() {
  static const Mime* const loaded = load();
  return *loaded;
}

}  // namespace taskqueue::mail
