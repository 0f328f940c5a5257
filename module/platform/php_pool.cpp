#include "module/platform/php_pool.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace taskqueue::platform {
namespace {

constexpr const char* kPool = "php";
constexpr const char* kPhp = "/usr/bin/php";
constexpr std::string_view kOption = "--bootstrap=";
constexpr const char* kWatch = "--watch";

bool isBootstrap(const std::string& word) {
  return word.starts_with(kOption);
}

bool loadsBootstrap(const WorkerPoolConfig& pool) {
  return std::any_of(pool.command.begin(), pool.command.end(), isBootstrap);
}

// Returns the path of worker.php beside the directory of this program.
std::string workerOfInstallation() {
  std::error_code failed;
  const auto programs = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  const auto worker = programs.parent_path() / "share/taskqueue/php/worker.php";
  if (!std::filesystem::exists(worker, failed)) {
    throw ConfigurationError("there is no " + worker.string() +
                             ": install the programs, or name worker.php in the section [worker.php]");
  }
  return worker.string();
}

}  // namespace

void servePhp(Configuration& configuration, const std::string& bootstrap) {
  std::error_code failed;
  const auto path = std::filesystem::absolute(bootstrap, failed).lexically_normal().string();
  if (::access(path.c_str(), R_OK) != 0 || !std::filesystem::is_regular_file(path, failed))
    throw ConfigurationError("the bootstrap file " + path + " cannot be read");
  auto& pools = configuration.workerPools;
  auto pool = std::find_if(pools.begin(), pools.end(),
                           [](const auto& one) { return one.name == kPool && loadsBootstrap(one); });
  if (pool == pools.end()) pool = std::find_if(pools.begin(), pools.end(), loadsBootstrap);
  if (pool != pools.end()) {
    auto& command = pool->command;
    std::replace_if(command.begin(), command.end(), isBootstrap, std::string(kOption) + path);
    if (std::find(command.begin(), command.end(), kWatch) == command.end()) command.emplace_back(kWatch);
    return;
  }
  std::erase_if(pools, [](const auto& one) { return one.name == kPool; });
  pools.push_back({kPool, kPool, {kPhp, workerOfInstallation(), std::string(kOption) + path, kWatch}});
}

}  // namespace taskqueue::platform
