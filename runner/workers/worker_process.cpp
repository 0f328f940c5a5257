#include "runner/workers/worker_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "module/platform/failpoint.h"
#include "runner/protocol.h"
#include "runner/workers/process_tree.h"

namespace taskqueue::runner {
namespace {

using platform::Moment;
using platform::passFailpoint;

// Limit per stream and turn of the loop, so that a worker that floods its output leaves time for the others.
constexpr std::size_t kBytesPerTurn = 1 << 20;
// Limit for reading after the process has ended; it is more than a pipe can hold.
constexpr std::size_t kBytesAfterEnd = 8 << 20;

using boost::asio::posix::stream_descriptor;

// Limit for reading the ends of a batch, with Results of each run; it is more than a batch can have.
constexpr std::size_t kBytesOfBatch = 256 << 20;

// Returns whether no process can write to the pipe any more.
bool hasEnded(stream_descriptor& from) {
  pollfd state{.fd = from.native_handle(), .events = 0, .revents = 0};
  return ::poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0;
}

// A line that is empty, or ends as in Windows and is empty besides.
bool isBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

WorkerProcess::WorkerProcess(boost::asio::io_context& loop, ChildReaper& reaper, int processId,
                             Descriptors descriptors, WorkerEvents& events,
                             std::shared_ptr<WorkDirectory> directory)
    : reaper_(reaper),
      processId_(processId),
      events_(events),
      directory_(std::move(directory)),
      input_{stream_descriptor(loop, descriptors.input), "", false, false},
      output_(loop, descriptors.output),
      errorOutput_(loop, descriptors.errorOutput),
      control_{stream_descriptor(loop, descriptors.control), "", false, false},
      alive_(std::make_shared<WorkerProcess*>(this)) {
  reaper_.watch(processId_, [this](const ResourceUse& use) { onProcessEnd(use); });
  watchOutput(output_, OutputStream::StandardOutput);
  watchOutput(errorOutput_, OutputStream::ErrorOutput);
  watchControl();
}

WorkerProcess::~WorkerProcess() {
  if (!running_) return;
  reaper_.killUnwatched(processId_);
}

void WorkerProcess::watchOutput(Descriptor& from, OutputStream stream) {
  from.async_wait(Descriptor::wait_read, [this, &from, stream, alive = std::weak_ptr(alive_)](
                                             const boost::system::error_code& error) {
    if (error || alive.expired()) return;
    const bool open = readOutput(from, stream, kBytesPerTurn);
    if (open && !alive.expired()) watchOutput(from, stream);
  });
}

bool WorkerProcess::readOutput(Descriptor& from, OutputStream stream, std::size_t limit) {
  std::array<char, 64 * 1024> buffer;  // the capacity of a pipe
  const std::weak_ptr<WorkerProcess*> alive(alive_);
  for (std::size_t total = 0; total < limit;) {
    if (isBatch_ && !takingLines_ && !findRunOfOutput(from)) return !alive.expired() && !hasEnded(from);
    passFailpoint("read-output", Moment::Before);
    const ssize_t size = ::read(from.native_handle(), buffer.data(), buffer.size());
    passFailpoint("read-output", Moment::After);
    if (size == 0) return false;
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    total += static_cast<std::size_t>(size);
    undelivered_[static_cast<std::size_t>(stream)].append(buffer.data(), static_cast<std::size_t>(size));
    // Messages that the worker sent before this output are on the socket by now, such as values to mask in
    // it.
    if (!takingLines_) readControl(kBytesPerTurn);
    if (alive.expired()) return false;
    deliver(stream);
    if (alive.expired()) return false;
  }
  return true;
}

// In a batch, the worker may end a run and begin the next one at any moment, but never while there is output
// that we have not read. So what is in the pipe before the messages are read belongs to the run that they
// leave in hand. Returns false when there is no output, or when this worker is destroyed.
bool WorkerProcess::findRunOfOutput(Descriptor& from) {
  const std::weak_ptr<WorkerProcess*> alive(alive_);
  for (int seen = -1; isBatch_ && seen != handovers_;) {
    seen = handovers_;
    int unread = 0;
    if (::ioctl(from.native_handle(), FIONREAD, &unread) != 0 || unread == 0) return false;
    readControl(kBytesOfBatch);
    if (alive.expired()) return false;
  }
  return true;
}

void WorkerProcess::setBatch(bool isBatch) {
  isBatch_ = isBatch;
  ++handovers_;
}

void WorkerProcess::deliver(OutputStream stream) {
  const std::string bytes = std::exchange(undelivered_[static_cast<std::size_t>(stream)], "");
  if (!bytes.empty()) events_.onOutput(stream, bytes);
}

void WorkerProcess::deliverOutput() {
  deliver(OutputStream::StandardOutput);
  deliver(OutputStream::ErrorOutput);
}

void WorkerProcess::drainOutput() {
  deliverOutput();
  readOutput(output_, OutputStream::StandardOutput, kBytesAfterEnd);
  readOutput(errorOutput_, OutputStream::ErrorOutput, kBytesAfterEnd);
}

void WorkerProcess::watchControl() {
  control_.descriptor.async_wait(
      Descriptor::wait_read, [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
        if (error || alive.expired()) return;
        const bool open = readControl(kBytesPerTurn);
        if (alive.expired()) return;
        if (open) return watchControl();
        events_.onControlClosed();
      });
}

bool WorkerProcess::readControl(std::size_t limit) {
  std::array<char, 64 * 1024> buffer;
  const std::weak_ptr<WorkerProcess*> alive(alive_);
  for (std::size_t total = 0; total < limit;) {
    passFailpoint("read-control", Moment::Before);
    const ssize_t size =
        ::recv(control_.descriptor.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    passFailpoint("read-control", Moment::After);
    if (size == 0) return false;
    if (size < 0) {
      const bool open = errno == EAGAIN || errno == EINTR;
      takeUnendedMask();
      return open && !alive.expired();
    }
    total += static_cast<std::size_t>(size);
    if (broken_) continue;
    received_.append(buffer.data(), static_cast<std::size_t>(size));
    takeLines();
    if (alive.expired()) return false;
  }
  return true;
}

void WorkerProcess::takeLines() {
  const std::weak_ptr<WorkerProcess*> alive(alive_);
  std::size_t start = 0;
  for (auto end = received_.find('\n', start); end != std::string::npos; end = received_.find('\n', start)) {
    const std::string line = received_.substr(start, end - start);
    start = end + 1;
    if (isBlank(line)) continue;
    takeLine(line);
    if (alive.expired() || broken_) return;
  }
  received_.erase(0, start);
  if (received_.size() > kMaxLineBytes) {
    breakProtocol("a line longer than " + std::to_string(kMaxLineBytes) + " bytes");
  }
}

void WorkerProcess::takeLine(const std::string& line) {
  const std::weak_ptr<WorkerProcess*> alive(alive_);
  takingLines_ = true;
  events_.onLine(line);
  if (!alive.expired()) takingLines_ = false;
}

// A mask holds for the output that follows it, also before its line feed arrives.
void WorkerProcess::takeUnendedMask() {
  if (!broken_ && isWholeMask(received_)) takeLine(std::exchange(received_, ""));
}

void WorkerProcess::breakProtocol(const std::string& problem) {
  broken_ = true;
  received_.clear();
  kill();
  events_.onBrokenProtocol(problem);
}

void WorkerProcess::write(Outgoing& to) {
  if (to.writing || !to.descriptor.is_open()) return;
  while (!to.bytes.empty()) {
    passFailpoint("write-to-worker", Moment::Before);
    const ssize_t size = ::write(to.descriptor.native_handle(), to.bytes.data(), to.bytes.size());
    passFailpoint("write-to-worker", Moment::After);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) {
      to.writing = true;
      to.descriptor.async_wait(Descriptor::wait_write, [this, &to, alive = std::weak_ptr(alive_)](
                                                           const boost::system::error_code& error) {
        if (error || alive.expired()) return;
        to.writing = false;
        write(to);
      });
      return;
    }
    // A failed write means that the reader is gone; the end of the process will explain it.
    if (size < 0) {
      to.bytes.clear();
      break;
    }
    to.bytes.erase(0, static_cast<std::size_t>(size));
  }
  if (to.closeWhenWritten) to.descriptor.close();
}

void WorkerProcess::send(std::string line) {
  control_.bytes += line;
  write(control_);
}

void WorkerProcess::giveInput(std::string bytes) {
  input_.bytes += bytes;
  input_.closeWhenWritten = true;
  write(input_);
}

void WorkerProcess::terminate() {
  if (running_) ::kill(-processId_, SIGTERM);
}

void WorkerProcess::kill() {
  if (running_) killTree(processId_);
}

void WorkerProcess::onProcessEnd(const ResourceUse& use) {
  running_ = false;
  // The group may outlive its leader. The PID may already be reused, but the group exists as long as it has a
  // member, so only the group may be signalled.
  ::kill(-processId_, SIGKILL);
  const std::weak_ptr<WorkerProcess*> alive(alive_);
  readControl(kBytesAfterEnd);
  if (alive.expired()) return;
  // A line that a signal cut off is not a complete message.
  if (use.exitStatus && !broken_ && !isBlank(received_)) events_.onLastLine(std::exchange(received_, ""));
  if (alive.expired()) return;
  drainOutput();
  events_.onExit(use);
}

}  // namespace taskqueue::runner
