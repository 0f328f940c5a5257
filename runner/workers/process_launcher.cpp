#include "runner/workers/process_launcher.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// Boost 1.81 of Debian lacks these names in the v2 headers.
#include <memory>
#include <numeric>
#include <type_traits>
namespace boost::process::v2 {
using std::conditional;
using std::is_constructible;
using std::is_same;
using std::remove_pointer;
}  // namespace boost::process::v2
#include <boost/optional.hpp>
#include <boost/process/v2.hpp>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "module/platform/failpoint.h"
#include "runner/protocol.h"
#include "runner/workers/launch_problem.h"
#include "runner/workers/process_guard.h"
#include "runner/workers/process_tree.h"
#include "runner/workers/work_directory.h"
#include "runner/workers/worker_process.h"

namespace taskqueue::runner {
namespace {

namespace process = boost::process::v2;

constexpr int kFirstFreeDescriptor = 10;  // the child's descriptors are moved above their targets 0 to 4

// The two ends of a channel. Both are closed unless give() has passed ours on.
struct Channel {
  int ours = -1;
  int theirs = -1;

  Channel() = default;
  ~Channel() {
    if (ours >= 0) ::close(ours);
    if (theirs >= 0) ::close(theirs);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  int give() { return std::exchange(ours, -1); }

  void set(int ourEnd, int theirEnd) {
    ours = ourEnd;
    theirs = ::fcntl(theirEnd, F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
    ::close(theirEnd);
    if (theirs < 0)
      throw LaunchError(std::string("no file descriptor for a worker: ") + std::strerror(errno));
    ::fcntl(ours, F_SETFL, ::fcntl(ours, F_GETFL) | O_NONBLOCK);
  }
};

// Lets the worker ask whether its end of a pipe has output that we have not read yet.
void makeReadable(Channel& pipe) {
  const std::string end = "/proc/self/fd/" + std::to_string(pipe.theirs);
  const int opened = ::open(end.c_str(), O_RDWR | O_CLOEXEC);
  if (opened < 0)
    throw LaunchError("a pipe of a worker cannot be opened anew: " + std::string(std::strerror(errno)));
  const int moved = ::fcntl(opened, F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
  ::close(opened);
  if (moved < 0) throw LaunchError(std::string("no file descriptor for a worker: ") + std::strerror(errno));
  ::close(std::exchange(pipe.theirs, moved));
}

enum class Direction { ToWorker, FromWorker };

void openPipe(Channel& channel, Direction direction) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw LaunchError(std::string("no pipe for a worker: ") + std::strerror(errno));
  }
  const bool toWorker = direction == Direction::ToWorker;
  channel.set(ends[toWorker ? 1 : 0], ends[toWorker ? 0 : 1]);
}

void openSocket(Channel& channel) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw LaunchError(std::string("no socket for a worker: ") + std::strerror(errno));
  }
  channel.set(ends[0], ends[1]);
}

bool limitTo(int resource, std::int64_t max) {
  if (max <= 0) return true;
  const rlimit limit{static_cast<rlim_t>(max), static_cast<rlim_t>(max)};
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) == 0;
}

bool limitTo(const platform::ProcessLimits& limits) {
  return limitTo(RLIMIT_AS, limits.memoryBytes) && limitTo(RLIMIT_CPU, limits.cpuSeconds) &&
         limitTo(RLIMIT_FSIZE, limits.fileBytes) && limitTo(RLIMIT_NPROC, limits.processes);
}

// Closes all descriptors from `first` on at exec, however they were opened; until then, an exec error can
// still be reported. Before Linux 5.11, each descriptor is marked separately.
bool closeAtExecFrom(int first) {
  if (::close_range(static_cast<unsigned>(first), UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0) return true;
  rlimit files{};
  if ((errno != EINVAL && errno != ENOSYS) || ::getrlimit(RLIMIT_NOFILE, &files) != 0) return false;
  for (int number = first; number < static_cast<int>(files.rlim_cur); ++number)
    ::fcntl(number, F_SETFD, FD_CLOEXEC);
  return true;
}

// The steps between fork and exec. Only async-signal-safe calls are allowed.
struct WorkerSetup {
  std::vector<int> descriptors;  // become descriptors 0, 1 and so on
  pid_t runner;
  const char* const* environment;
  const char* directory;  // or nullptr
  const platform::ProcessLimits& limits;
  const platform::ProcessOwner* owner;  // or nullptr

  process::error_code on_setup(process::posix::default_launcher& launcher, const process::filesystem::path&,
                               const char* const*) {
    for (int target = kControlDescriptor; target < static_cast<int>(descriptors.size()); ++target)
      launcher.fd_whitelist.push_back(target);
    launcher.env = environment;
    return {};
  }

  process::error_code on_exec_setup(process::posix::default_launcher&, const process::filesystem::path&,
                                    const char* const*) {
    platform::passFailpoint("exec", platform::Moment::Before);
    const auto failed = [] { return process::error_code(errno, boost::system::system_category()); };
    ::setpgid(0, 0);
    const rlimit noCore{0, 0};
    ::setrlimit(RLIMIT_CORE, &noCore);
    if (!forkUnderGuard(runner, owner)) return failed();
    for (int target = 0; target < static_cast<int>(descriptors.size()); ++target) {
      if (::dup2(descriptors[static_cast<std::size_t>(target)], target) < 0) return failed();
    }
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::umask(027);
    if (directory != nullptr && ::chdir(directory) != 0) return failed();
    if (!limitTo(limits)) return failed();
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed();  // exec never grants more rights
    if (!closeAtExecFrom(static_cast<int>(descriptors.size()))) return failed();
    return {};
  }
};

std::vector<std::string> environmentOf(const LaunchOrder& order, const std::string& marker) {
  std::vector<std::string> environment{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/",
                                       "TASKQUEUE_CONTROL_FD=" + std::to_string(kControlDescriptor),
                                       std::string(kMarkerVariable) + "=" + marker};
  environment.insert(environment.end(), order.environment.begin(), order.environment.end());
  return environment;
}

}  // namespace

std::shared_ptr<WorkDirectory> ProcessLauncher::makeDirectory(const LaunchOrder& order,
                                                              const std::string& name) {
  auto made = std::make_unique<WorkDirectory>(order.workBase, name, order.owner);
  return {made.release(), [this](WorkDirectory* old) { removals_.add([old] { delete old; }); }};
}

void ProcessLauncher::sweep(const std::string& workBase) {
  removals_.add([workBase] { WorkDirectory::sweep(workBase); });
}

std::unique_ptr<Worker> ProcessLauncher::launch(const LaunchOrder& order, WorkerEvents& events) {
  const std::string marker = std::to_string(::getpid()) + "-" + std::to_string(++launched_);
  std::vector<std::string> environment = environmentOf(order, marker);
  std::shared_ptr<WorkDirectory> directory;
  if (!order.workBase.empty()) {
    directory = makeDirectory(order, marker);
    environment.push_back("TMPDIR=" + directory->path());
  }
  std::vector<const char*> environmentPointers;
  for (const std::string& entry : environment) environmentPointers.push_back(entry.c_str());
  environmentPointers.push_back(nullptr);

  Channel input;
  Channel output;
  Channel errorOutput;
  Channel control;
  openPipe(input, Direction::ToWorker);
  openPipe(output, Direction::FromWorker);
  openPipe(errorOutput, Direction::FromWorker);
  openSocket(control);

  Channel batch;
  std::vector<int> descriptors{input.theirs, output.theirs, errorOutput.theirs, control.theirs};
  if (order.batchDescriptor >= 0) {
    makeReadable(output);
    makeReadable(errorOutput);
    batch.theirs = ::fcntl(order.batchDescriptor, F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
    if (batch.theirs < 0)
      throw LaunchError(std::string("no file descriptor for a worker: ") + std::strerror(errno));
    descriptors = {input.theirs, output.theirs, errorOutput.theirs, control.theirs, batch.theirs};
  }
  WorkerSetup setup{std::move(descriptors),
                    ::getpid(),
                    environmentPointers.data(),
                    directory ? directory->path().c_str() : nullptr,
                    order.limits,
                    order.owner ? &*order.owner : nullptr};
  const std::string program = order.command.empty() ? "" : order.command.front();
  const std::vector<std::string> arguments(
      order.command.empty() ? order.command.begin() : order.command.begin() + 1, order.command.end());
  boost::system::error_code failed;
  process::posix::default_launcher launcher;
  platform::passFailpoint("fork", platform::Moment::Before);
  auto started = launcher(loop_.get_executor(), failed, process::filesystem::path(program), arguments, setup);
  platform::passFailpoint("fork", platform::Moment::After);
  if (failed) throw LaunchError(launchProblem(program, failed.value()));
  const int pid = started.id();
  started.detach();  // the reaper waits for the process and reads its resource use

  return std::make_unique<WorkerProcess>(
      loop_, reaper_, pid,
      WorkerProcess::Descriptors{input.give(), output.give(), errorOutput.give(), control.give()}, events,
      std::move(directory));
}

}  // namespace taskqueue::runner
