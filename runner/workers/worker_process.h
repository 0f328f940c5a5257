// A worker that is a real process: its pipes, its control socket, its end.
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
  struct Descriptors {  // ours, not blocking; owned by the worker from now on
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
  void terminate() override;
  void kill() override;
  int processId() const override { return processId_; }

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;

  // A queue of bytes that is written as the other side reads.
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
  // Reads what is there, up to a bound; false when the stream has ended.
  bool readOutput(Descriptor& from, OutputStream stream, std::size_t limit);
  bool readControl(std::size_t limit);
  void takeLines();
  void breakProtocol(const std::string& problem);
  void onProcessEnd(const ResourceUse& use);

  ChildReaper& reaper_;
  int processId_;
  WorkerEvents& events_;
  std::shared_ptr<WorkDirectory> directory_;  // or none
  Outgoing input_;
  Descriptor output_;
  Descriptor errorOutput_;
  Outgoing control_;
  std::string received_;  // of the control socket, not yet a whole line
  bool takingLines_ = false;
  std::string undelivered_[2];  // by OutputStream: read, and waiting for what the control socket says of it
  bool running_ = true;
  bool broken_ = false;
  // Handlers queued in the loop hold a weak reference: after the worker's end they do nothing.
  std::shared_ptr<WorkerProcess*> alive_;
};

}  // namespace taskqueue::runner
