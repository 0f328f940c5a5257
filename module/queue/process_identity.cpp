#include "module/queue/process_identity.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

namespace taskqueue {
namespace {

std::string readFirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::int64_t thisPidNamespace() {
  struct stat status {};
  return ::stat("/proc/self/ns/pid", &status) == 0 ? static_cast<std::int64_t>(status.st_ino) : 0;
}

const std::string& thisBootId() {
  static const std::string id = readFirstLine("/proc/sys/kernel/random/boot_id");
  return id;
}

}  // namespace

std::int64_t readStartTicks(int processId) {
  const std::string line = readFirstLine("/proc/" + std::to_string(processId) + "/stat");
  // The second field is the program's name in brackets, which may hold blanks and brackets. The fields after
  // the last ')' are plain.
  const auto end = line.rfind(')');
  if (end == std::string::npos) return 0;
  std::istringstream rest(line.substr(end + 1));
  std::string state;
  rest >> state;
  if (state == "Z" || state == "X") return 0;
  constexpr int kFieldsBetweenStateAndStartTime = 18;  // proc(5): state is field 3, starttime field 22
  std::string skipped;
  for (int i = 0; i < kFieldsBetweenStateAndStartTime; ++i) rest >> skipped;
  std::int64_t ticks = 0;
  rest >> ticks;
  return ticks;
}

ProcessIdentity currentProcessIdentity() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  ProcessIdentity identity;
  identity.processId = ::getpid();
  identity.hostName = host.data();
  identity.bootId = thisBootId();
  identity.pidNamespace = thisPidNamespace();
  identity.processStartTicks = readStartTicks(identity.processId);
  return identity;
}

Liveness checkLiveness(const ProcessIdentity& identity) {
  const bool isLocal = identity.bootId == thisBootId() && !identity.bootId.empty() &&
                       identity.pidNamespace == thisPidNamespace();
  if (!isLocal) return Liveness::Remote;
  const std::int64_t ticks = readStartTicks(identity.processId);
  const bool same = ticks != 0 && ticks == identity.processStartTicks;
  return same ? Liveness::Alive : Liveness::Dead;
}

}  // namespace taskqueue
