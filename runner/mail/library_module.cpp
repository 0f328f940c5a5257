#include "runner/mail/library_module.h"

#include <dlfcn.h>

#include <filesystem>
#include <stdexcept>

namespace taskqueue::mail {

// The path is relative to the parent of the programs' directory, both when installed and in a build.
void* loadLibraryModule(const std::string& name, const char* entry, const std::string& purpose) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  const std::string path = (program.parent_path().parent_path() / "lib/taskqueue" / (name + ".so")).string();
  void* module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) throw std::runtime_error(purpose + ": " + std::string(::dlerror()));
  void* found = ::dlsym(module, entry);
  if (found == nullptr) throw std::runtime_error(purpose + ": " + path + " is no module of this version");
  return found;
}

}  // namespace taskqueue::mail
