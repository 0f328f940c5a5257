// The connections of a FastCGI program. One thread accepts them and waits until the head of a request is
// there; only then another thread gets the connection. Clients that send nothing hold no thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

namespace taskqueue::web {

struct ConnectionLimits {
  std::chrono::milliseconds head{5000};     // from the connection to the end of the request's head
  std::chrono::milliseconds body{10000};    // for one part of a body: its beginning, or the rest
  std::chrono::milliseconds answer{60000};  // for the client to take the answer
  std::chrono::milliseconds linger{2000};   // for a client that still sends what was refused
  std::size_t waiting = 400;                // connections without a whole head; the oldest is superseded
  std::size_t ready = 64;  // connections that no thread has taken yet; more stay in the backlog
};

// Every function but run() may be called by any thread.
class Connections {
 public:
  // `listening` is a socket that listens; it becomes non-blocking. It is not closed here.
  explicit Connections(int listening, ConnectionLimits limits = {});
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Accepts and waits until SIGTERM or SIGINT, which every thread must block, and until all that was taken
  // has been released. Throws std::system_error.
  void run();

  // A connection whose next request can be read; waits for one. Nothing when the program ends. The caller
  // owns the descriptor until it releases it.
  std::optional<int> take();
  // The answer was written: closes the connection. `unread`: the client may still be sending.
  void giveBack(int connection, bool unread);
  // The same for a connection that is closed already.
  void forget();

  // Cuts the connection when the owner's next step takes longer than the limit.
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
  // One that no thread has: it waits for its head, or for its client to stop sending.
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
  std::chrono::milliseconds untilNextSweep();

  const int listening_;
  const ConnectionLimits limits_;
  int events_ = -1;   // epoll
  int signals_ = -1;  // signalfd
  int wake_ = -1;     // eventfd: something was released to linger
  bool listens_ = false;
  bool stopping_ = false;
  std::map<int, Parked> parked_;  // of the thread of run() alone
  Clock::time_point sweptAt_{};

  std::mutex mutex_;
  std::condition_variable someReady_;
  std::deque<int> ready_;
  std::deque<int> lingering_;               // released, not parked yet
  std::map<int, Clock::time_point> timed_;  // owned by threads, with the time at which they are cut
  std::size_t taken_ = 0;
  bool ended_ = false;
};

}  // namespace taskqueue::web
