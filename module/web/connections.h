// Accepts the connections of a FastCGI program. One thread waits for the head of each request. A worker
// thread takes a connection only then, so slow clients occupy no worker thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "module/platform/service_manager.h"

namespace taskqueue::web {

struct ConnectionLimits {
  std::chrono::milliseconds head{5000};     // from accepting to the end of the request's head
  std::chrono::milliseconds body{10000};    // reading one part of a body: its beginning, or the rest
  std::chrono::milliseconds answer{60000};  // writing the answer
  std::chrono::milliseconds linger{2000};   // draining a client that still sends a refused body
  // Limits the connections that no thread has, without a complete head or lingering. Beyond that, the
  // connection that is nearest to its time limit is closed.
  std::size_t waiting = 400;
  // Limits the connections with a complete head that wait for a thread. The kernel's backlog holds further
  // ones.
  std::size_t ready = 64;
};

// Any thread may call any method except run().
class Connections {
 public:
  // `listening` is a listening socket. It becomes non-blocking, and stays open after the destructor.
  // SIGHUP ends run() like SIGTERM if `mayEndOnHangup` returns true.
  explicit Connections(
      int listening, ConnectionLimits limits = {},
      std::function<bool()> mayEndOnHangup = [] { return true; });
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Accepts connections until SIGTERM, SIGINT or SIGHUP, which every thread must block. Returns when every
  // accepted connection was answered or dropped. Throws std::system_error.
  void run();

  // Waits for a connection with a complete head. Returns nothing when the program ends. The caller owns the
  // descriptor until it calls giveBack() or forget().
  std::optional<int> take();
  // Closes the connection after the answer was written. `unread` means that the client may still be sending.
  void giveBack(int connection, bool unread);
  // Ends the ownership of a connection that is closed already.
  void forget();

  // Shuts the connection down if this object exists for longer than the limit.
  class Timed {
   public:
    Timed(Connections& connections, int connection, std::chrono::milliseconds limit);
    ~Timed();
    Timed(const Timed&) = delete;
    Timed& operator=(const Timed&) = delete;

   private:
    Connections& connections_;
    int connection_;
  };

  const ConnectionLimits& limits() const { return limits_; }

 private:
  using Clock = std::chrono::steady_clock;
  // No thread has such a connection. It waits for its head, or lingers until its client stops sending.
  struct Parked {
    Clock::time_point until;
    int looks = 0;
    bool lingers = false;
  };

  void meet(int descriptor);
  void listenWhileThereIsRoom();
  void acceptAll();
  void look(int connection);
  void drain(int connection);
  void makeReady(int connection);
  void park(int connection, Parked how);
  void drop(int connection);
  void dropOldestWaiting();
  void parkLingering();
  void sweep();
  bool isIdle();
  void stop(int signal);
  void sendSignOfLife();
  std::chrono::milliseconds untilNextSweep();

  const int listening_;
  const ConnectionLimits limits_;
  const std::function<bool()> mayEndOnHangup_;
  platform::ServiceWatchdog watchdog_;
  int events_ = -1;   // epoll
  int signals_ = -1;  // signalfd
  int wake_ = -1;     // eventfd, written when a connection was released to linger
  bool listens_ = false;
  bool stopping_ = false;
  std::map<int, Parked> parked_;  // used only by the thread of run()
  Clock::time_point sweptAt_{};

  std::mutex mutex_;
  std::condition_variable someReady_;
  std::deque<int> ready_;
  std::deque<int> lingering_;               // released, but not yet in parked_
  std::map<int, Clock::time_point> timed_;  // connections of other threads, and when to shut them down
  std::size_t taken_ = 0;
  bool threadsAdvance_ = true;  // a thread took a connection since the last sign of life
  bool ended_ = false;
};

}  // namespace taskqueue::web
