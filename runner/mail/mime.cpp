#include "runner/mail/mime.h"

#include <dlfcn.h>

#include <filesystem>
#include <stdexcept>

namespace taskqueue::mail {
namespace {

// The path is relative to the parent of the programs' directory, both when installed and in a build.
constexpr const char* kModule = "lib/taskqueue/mime.so";

const Mime* load() {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  const std::string path = (program.parent_path().parent_path() / kModule).string();
  // The module is never unloaded, because GLib keeps its types until the process ends.
  void* module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) throw std::runtime_error("mails cannot be made: " + std::string(::dlerror()));
  const auto entry = reinterpret_cast<MimeEntry>(::dlsym(module, kMimeEntry));
  if (entry == nullptr)
    throw std::runtime_error("mails cannot be made: " + path + " is no module of this version");
  return entry();
}

}  // namespace

const Mime& mime() {
  static const Mime* const loaded = load();
  return *loaded;
}

}  // namespace taskqueue::mail
