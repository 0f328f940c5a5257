#include "runner/plugins.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "runner/handlers/plugin.h"

namespace taskqueue::runner {
namespace {

// A user who can write the file can run code as the runner's user.
std::string findOwnerProblem(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return path + ": " + std::strerror(errno);
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return path + " belongs neither to root nor to the runner's user";
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return path + " can be written by others than its owner";
  return "";
}

}  // namespace

std::vector<platform::WorkerPoolConfig> pluginPools(const std::string& directory,
                                                    const std::vector<std::string>& workerCommand) {
  std::vector<platform::WorkerPoolConfig> pools;
  if (directory.empty()) return pools;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
    if (entry.path().extension() != ".so") continue;
    platform::WorkerPoolConfig pool{entry.path().filename().string(), "plugin", workerCommand};
    pool.command.insert(pool.command.end(), {"--plugin", entry.path().string()});
    pools.push_back(std::move(pool));
  }
  std::sort(pools.begin(), pools.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return pools;
}

std::variant<std::vector<handlers::HandlerEntry>, std::string> loadPlugin(const std::string& path) {
  for (const std::string& checked : {std::filesystem::path(path).parent_path().string(), path}) {
    if (std::string problem = findOwnerProblem(checked); !problem.empty()) return problem;
  }
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return "it cannot be loaded: " + std::string(::dlerror());
  const auto entry = reinterpret_cast<handlers::PluginEntry>(::dlsym(library, handlers::kPluginEntry));
  if (entry == nullptr) return "it is no plug-in: it has no TASKQUEUE_PLUGIN(…)";
  const handlers::Plugin* plugin = entry();
  if (plugin->version != handlers::kPluginVersion) {
    return "it was built for version " + std::to_string(plugin->version) +
           " of the plug-in headers; this is " + std::to_string(handlers::kPluginVersion) +
           ": rebuild the plug-in";
  }
  if (plugin->entryBytes != sizeof(handlers::HandlerEntry) || plugin->makeHandlers == nullptr) {
    return "it was built by another compiler or with other settings: build it as the runner was built";
  }
  try {
    auto handlers = plugin->makeHandlers();
    for (const handlers::HandlerEntry& handler : handlers) {
      if (handler.taskHandlerClass.empty() || !handler.handler)
        return "it offers a handler without name or code";
    }
    return handlers;
  } catch (const std::exception& error) {
    return "it could not make its handlers: " + std::string(error.what());
  }
}

}  // namespace taskqueue::runner
