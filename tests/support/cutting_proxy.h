// A proxy for a server's unix socket that cuts each connection after a random number of bytes in either
// direction. Cuts fall in the middle of a packet, between a COMMIT and its answer, or during the greeting.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <random>
#include <string>
#include <thread>

namespace taskqueue::test_support {

class CuttingProxy {
 public:
  // Listens on `path` and forwards to `server`. The seed determines the cuts, as far as scheduling allows.
  CuttingProxy(std::string path, std::string server, std::uint64_t seed);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  int cuts() const { return cuts_; }
  // New connections are no longer cut; existing ones still may be.
  void stopCutting() { cutting_ = false; }
  // Forwards nothing from now on, but closes no connection.
  void goSilent() { silent_ = true; }
  void speakAgain() { silent_ = false; }

 private:
  void accept();
  void joinThoseThatAreOver();
  void pump(int client);
  std::int64_t drawBytes();

  std::string path_;
  std::string server_;
  int listener_ = -1;
  std::atomic<bool> ending_ = false;
  std::atomic<bool> cutting_ = true;
  std::atomic<bool> silent_ = false;
  std::atomic<int> cuts_ = 0;
  std::mutex mutex_;
  std::mt19937_64 random_;  // guarded by mutex_
  struct Pump {
    std::thread thread;
    std::atomic<bool> isOver = false;
  };
  std::list<Pump> pumps_;  // used on the acceptor's thread only, until that thread has ended
  std::thread acceptor_;
};

}  // namespace taskqueue::test_support
