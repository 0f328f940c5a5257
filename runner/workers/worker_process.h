// A worker that is a real process, with its pipes and its control socket.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <memory>
#include <string>

#include "runner/workers/child_reaper.h"
#include "runner/workers/work_directory.h"
#include "runner/workers/worker.h"

namespace taskqueue::runner {

class WorkerProcess : public Worker {
 public:
  // Our ends of the channels, in non-blocking mode. The worker owns and closes them.
  struct Descriptors {
    int input;
    int output;
    int errorOutput;
    int control;
  };

  WorkerProcess(boost::asio::io_context& loop, ChildReaper& reaper, int processId, Descriptors descriptors,
                WorkerEvents& events, std::shared_ptr<WorkDirectory> directory);
  ~WorkerProcess() override;

  void send(std::string line) override;
  void giveInput(std::string bytes) override;
  void drainOutput() override;
  void deliverOutput() override;
  void setBatch(bool isBatch) override;
  void terminate() override;
  void kill() override;
  int processId() const override { return processId_; }

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;

  // Bytes that are written as fast as the other side reads.
  struct Outgoing {
    Descriptor descriptor;
    std::string bytes;
    bool writing = false;
    bool closeWhenWritten = false;
  };

  void watchOutput(Descriptor& from, OutputStream stream);
  void watchControl();
  void write(Outgoing& to);
  void deliver(OutputStream stream);
  // These read the available bytes, up to `limit`. They return false when the stream has ended.
  bool readOutput(Descriptor& from, OutputStream stream, std::size_t limit);
  bool findRunOfOutput(Descriptor& from);
  bool readControl(std::size_t limit);
  void takeLines();
  void takeLine(const std::string& line);
  void takeUnendedMask();
  void breakProtocol(const std::string& problem);
  void onProcessEnd(const ResourceUse& use);

  ChildReaper& reaper_;
  int processId_;
  WorkerEvents& events_;
  std::shared_ptr<WorkDirectory> directory_;  // may be nullptr
  Outgoing input_;
  Descriptor output_;
  Descriptor errorOutput_;
  Outgoing control_;
  std::string received_;  // start of a line from the control socket
  bool takingLines_ = false;
  bool isBatch_ = false;
  int handovers_ = 0;  // how often isBatch_ was set
  // Output by stream, read but held back until the control socket was read: it may name values to mask.
  std::string undelivered_[2];
  bool running_ = true;
  bool broken_ = false;
  // Functions queued in the loop hold a weak reference, so they do nothing after the worker is destroyed.
  std::shared_ptr<WorkerProcess*> alive_;
};

}  // namespace taskqueue::runner
