// The worker's side of a BatchRecord: which runs of its batch it may begin, and which it has begun.
#pragma once

namespace taskqueue::runner {

class BatchView {
 public:
  // Maps the record on the descriptor. Without one, isOpen() is false.
  explicit BatchView(int descriptor);
  ~BatchView();
  BatchView(const BatchView&) = delete;
  BatchView& operator=(const BatchView&) = delete;

  bool isOpen() const { return bytes_ != nullptr; }
  // Notes that run number `number` of the batch, counted from 1, begins. Returns false when the runner has
  // taken it back: it must not begin, and none after it.
  bool begin(int number);

 private:
  unsigned char* bytes_ = nullptr;
};

}  // namespace taskqueue::runner
