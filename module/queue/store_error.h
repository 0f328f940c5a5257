// What a store throws when the world failed. The kind is named after the caller's next move.
#pragma once

#include <stdexcept>
#include <string>

namespace taskqueue {

class StoreError : public std::runtime_error {
 public:
  enum class Kind {
    TryAgain,     // a deadlock or lock wait survived the store's own retries: ask later
    Conflict,     // a unique key stands in the way
    Unavailable,  // no usable connection: back off and stay alive
    Broken,       // a bug or a schema that does not fit: stop and say so
  };

  StoreError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}

  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

}  // namespace taskqueue
