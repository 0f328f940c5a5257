#include "module/platform/failpoint.h"

#ifdef TASKQUEUE_FAILPOINTS

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <set>
#include <sstream>

namespace taskqueue::platform {
namespace {

struct Armed {
  std::string site;
  Moment moment = Moment::Before;
  int skipped = 0;  // passes before the first failure
  int times = 0;    // passes that fail after the skipped ones
  bool crash = false;
  bool hang = false;
  unsigned error = 0;
};

class Failpoints {
 public:
  Failpoints() {
    if (const char* text = std::getenv("TASKQUEUE_FAILPOINT")) {
      std::istringstream words(text);
      std::string moment;
      std::string action;
      words >> armed_.site >> moment >> armed_.skipped >> action;
      --armed_.skipped;
      armed_.moment = moment == "after" ? Moment::After : Moment::Before;
      armed_.crash = action == "crash";
      armed_.hang = action == "hang";
      armed_.error = static_cast<unsigned>(std::atoi(action.c_str()));
      armed_.times = 1;
    }
    if (const char* path = std::getenv("TASKQUEUE_FAILPOINT_LOG")) {
      log_ = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
  }

  unsigned pass(std::string_view site, Moment moment) {
    // In a forked child another thread's lock is never released, so only the owner locks.
    std::unique_lock lock(mutex_, std::defer_lock);
    if (::getpid() == owner_) lock.lock();
    const std::string line = std::string(site) + (moment == Moment::Before ? " before\n" : " after\n");
    if (log_ >= 0 && passed_.insert(line).second) {
      if (::write(log_, line.data(), line.size()) < 0) std::abort();
    }
    if (armed_.times == 0 || moment != armed_.moment || (!armed_.site.empty() && site != armed_.site))
      return 0;
    if (armed_.skipped-- > 0) return 0;
    --armed_.times;
    armed_.skipped = 0;
    if (armed_.crash) ::kill(owner_, SIGKILL);
    if (armed_.hang) {
      if (lock.owns_lock()) lock.unlock();
      while (true) ::pause();
    }
    return armed_.error;
  }

  // Returns whether another failpoint was still armed.
  bool arm(Armed armed) {
    const std::lock_guard lock(mutex_);
    const bool was = armed_.times > 0;
    armed_ = std::move(armed);
    return was;
  }

 private:
  const pid_t owner_ = ::getpid();  // killed too when its child passes the site
  std::mutex mutex_;
  Armed armed_;
  int log_ = -1;
  std::set<std::string> passed_;
};

Failpoints& failpoints() {
  static Failpoints all;
  return all;
}

}  // namespace

unsigned passFailpoint(std::string_view site, Moment moment) {
  return failpoints().pass(site, moment);
}

void armFailpoint(Moment moment, unsigned error, int skipped) {
  failpoints().arm({"", moment, skipped, 1, false, false, error});
}

bool disarmFailpoint() {
  return failpoints().arm({});
}

}  // namespace taskqueue::platform

#endif
