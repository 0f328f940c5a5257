// A worker that is no process: a test says what it does, and sees what it is told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runner/workers/worker.h"

namespace taskqueue::runner {

struct ToldWorker {
  std::string sent;  // since the last look
  bool killed = false;
  bool terminated = false;
  bool isBatch = false;
  int batchDescriptor = -1;
  std::vector<std::string> outputTaken;
  WorkerEvents* events = nullptr;
};

class FakeWorker : public Worker {
 public:
  explicit FakeWorker(ToldWorker& told) : told_(told) {}
  void send(std::string line) override { told_.sent += line; }
  void giveInput(std::string) override {}
  void drainOutput() override { told_.outputTaken.push_back("all"); }
  void deliverOutput() override { told_.outputTaken.push_back("read before"); }
  void setBatch(bool isBatch) override { told_.isBatch = isBatch; }
  void terminate() override { told_.terminated = true; }
  void kill() override { told_.killed = true; }
  int processId() const override { return 1; }

 private:
  ToldWorker& told_;
};

class FakeLauncher : public WorkerLauncher {
 public:
  explicit FakeLauncher(ToldWorker& told) : told_(told) {}
  std::unique_ptr<Worker> launch(const LaunchOrder& order, WorkerEvents& events) override {
    told_.batchDescriptor = order.batchDescriptor;
    told_.events = &events;
    return std::make_unique<FakeWorker>(told_);
  }

 private:
  ToldWorker& told_;
};

}  // namespace taskqueue::runner
