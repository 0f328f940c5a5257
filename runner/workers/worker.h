// A worker: a child process of the runner in which a handler does a run. The seam between deciding (runner/)
// and doing (runner/workers/); the tests have a fake launcher.
//
// All of it lives on the loop thread. Only drainOutput and kill deliver events while they are called.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "module/platform/configuration.h"
#include "module/queue/run.h"

namespace taskqueue::runner {

// The program could not be started: missing, not executable, out of processes.
class LaunchError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct LaunchOrder {
  std::vector<std::string> command;      // absolute program, then its arguments; no shell
  std::vector<std::string> environment;  // NAME=value, added to the fixed list that every worker gets
  std::string workBase;  // where a working directory is made for it; empty: it has none of its own
  platform::ProcessLimits limits;
  std::optional<platform::ProcessOwner> owner;  // empty: the runner's own user
};

// What a worker tells its owner, who must outlive it.
class WorkerEvents {
 public:
  virtual ~WorkerEvents() = default;
  virtual void onLine(std::string_view line) = 0;  // of the control socket, without its end
  // What a process that ended by itself wrote there behind the end of its last line; then onExit follows.
  virtual void onLastLine(std::string_view line) = 0;
  // It has closed the control socket, and so have its children; the process may live on.
  virtual void onControlClosed() = 0;
  virtual void onOutput(OutputStream stream, std::string_view bytes) = 0;
  // The process has ended, its whole tree is gone, and all that it wrote was delivered. The last event.
  virtual void onExit(const ResourceUse& use) = 0;
  // The worker broke the protocol; it is being killed.
  virtual void onBrokenProtocol(const std::string& problem) = 0;
};

// Destroying a worker kills its process tree.
class Worker {
 public:
  virtual ~Worker() = default;
  virtual void send(std::string line) = 0;        // on the control socket
  virtual void giveInput(std::string bytes) = 0;  // on standard input, which is then closed
  virtual void drainOutput() = 0;                 // delivers what is in the pipes now, through onOutput
  virtual void terminate() = 0;                   // the polite stop: SIGTERM to its process group
  virtual void kill() = 0;                        // SIGKILL to its whole tree
  virtual int processId() const = 0;
};

class WorkerLauncher {
 public:
  virtual ~WorkerLauncher() = default;
  // Throws LaunchError.
  virtual std::unique_ptr<Worker> launch(const LaunchOrder& order, WorkerEvents& events) = 0;
};

}  // namespace taskqueue::runner
