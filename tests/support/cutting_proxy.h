// A proxy for a server's unix socket that cuts each connection after a random number of bytes, in whichever
// direction they flow: in the middle of a packet, between a COMMIT and its answer, during the greeting.
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
  // Listens on `path` and passes on to `server`. The seed decides where the cuts are, as far as scheduling
  // lets it.
  CuttingProxy(std::string path, std::string server, std::uint64_t seed);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  int cuts() const { return cuts_; }
  // Connections made from now on are left whole; those that exist may still be cut.
  void stopCutting() { cutting_ = false; }
  // Nothing passes until further notice; no connection is closed.
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
  std::list<Pump> pumps_;  // only on the acceptor's thread until it has ended
  std::thread acceptor_;
};

}  // namespace taskqueue::test_support
