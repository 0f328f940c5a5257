#include "runner/batch_view.h"

#include <sys/mman.h>

#include <atomic>

namespace taskqueue::runner {
namespace {

// The first two bytes of the file (module/platform/batch_record.cpp).
constexpr std::size_t kViewBytes = 2;
constexpr std::size_t kAllowed = 0;
constexpr std::size_t kBegun = 1;

}  // namespace

BatchView::BatchView(int descriptor) {
  void* mapped = ::mmap(nullptr, kViewBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (mapped != MAP_FAILED) bytes_ = static_cast<unsigned char*>(mapped);
}

BatchView::~BatchView() {
  if (isOpen()) ::munmap(bytes_, kViewBytes);
}

// First the note, then the look: BatchRecord::holdBack does it the other way round.
bool BatchView::begin(int number) {
  const std::atomic_ref allowed(bytes_[kAllowed]);
  const std::atomic_ref begun(bytes_[kBegun]);
  begun = static_cast<unsigned char>(number);
  if (number <= allowed) return true;
  begun = static_cast<unsigned char>(number - 1);
  return false;
}

}  // namespace taskqueue::runner
