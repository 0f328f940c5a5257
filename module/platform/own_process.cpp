#include "module/platform/own_process.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>

namespace taskqueue::platform {
namespace {

std::atomic<int> knownProcessId{0};
std::atomic<unsigned> forksSoFar{0};

const bool isWatched = [] {
  knownProcessId = ::getpid();
  return ::pthread_atfork(nullptr, nullptr, [] {
           knownProcessId = ::getpid();
           ++forksSoFar;
         }) == 0;
}();

}  // namespace

int ownProcessId() {
  return isWatched ? knownProcessId.load() : ::getpid();
}

unsigned countForks() {
  return forksSoFar;
}

}  // namespace taskqueue::platform
