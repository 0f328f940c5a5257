// A worker is a child process of the runner in which a handler does a run. These interfaces separate deciding
// (runner/) from doing (runner/workers/); tests use a fake launcher.
//
// All objects live on the loop thread. Only drainOutput(), deliverOutput() and kill() deliver events while
// they are called.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "module/platform/configuration.h"
#include "module/queue/run.h"

namespace taskqueue::runner {

// The program could not be started: it is missing, not executable, or there are too many processes.
class LaunchError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct LaunchOrder {
  std::vector<std::string> command;      // absolute path, then arguments; no shell
  std::vector<std::string> environment;  // NAME=value, added to the fixed variables of every worker
  // The worker's working directory is made here. If empty, it gets no directory of its own.
  std::string workBase;
  platform::ProcessLimits limits;
  std::optional<platform::ProcessOwner> owner;  // absent: the runner's own user
  // Becomes the worker's descriptor 4, and descriptors 1 and 2 can then be read as well; -1: no such
  // descriptor.
  int batchDescriptor = -1;
};

// The events of a worker. The receiver must outlive the worker.
class WorkerEvents {
 public:
  virtual ~WorkerEvents() = default;
  virtual void onLine(std::string_view line) = 0;  // a line of the control socket, without its line feed
  // Text without a line feed that a process wrote to the control socket before it exited. onExit follows.
  virtual void onLastLine(std::string_view line) = 0;
  // The worker and its children have closed the control socket; the process may still live.
  virtual void onControlClosed() = 0;
  virtual void onOutput(OutputStream stream, std::string_view bytes) = 0;
  // The process has ended, its whole tree is gone, and all its output was delivered. This is the last event.
  virtual void onExit(const ResourceUse& use) = 0;
  // The worker broke the protocol; it is being killed.
  virtual void onBrokenProtocol(const std::string& problem) = 0;
};

// Destroying a worker kills its process tree.
class Worker {
 public:
  virtual ~Worker() = default;
  virtual void send(std::string line) = 0;        // to the control socket
  virtual void giveInput(std::string bytes) = 0;  // to standard input, which is then closed
  virtual void drainOutput() = 0;  // delivers output that is in the pipes now, through onOutput
  // Delivers output that was read before the line that is being handled.
  virtual void deliverOutput() = 0;
  // Says whether the worker now has further runs in hand, which it begins without a message of the runner.
  virtual void setBatch(bool isBatch) = 0;
  virtual void terminate() = 0;  // sends SIGTERM to the process group
  virtual void kill() = 0;       // sends SIGKILL to the whole process tree
  virtual int processId() const = 0;
};

class WorkerLauncher {
 public:
  virtual ~WorkerLauncher() = default;
  // Throws LaunchError.
  virtual std::unique_ptr<Worker> launch(const LaunchOrder& order, WorkerEvents& events) = 0;
};

}  // namespace taskqueue::runner
