// Owns an open file descriptor.
#pragma once

#include <unistd.h>

#include <utility>

namespace taskqueue::platform {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool isOpen() const { return number_ >= 0; }
  int number() const { return number_; }  // -1: opening has failed
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

}  // namespace taskqueue::platform
