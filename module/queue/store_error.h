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

// The server has no room for what is written or sorted: disk, temporary space, memory, Ids. Nothing was
// changed, other work may go on, and the text says what is used up.
class NoRoomOnServer : public StoreError {
 public:
  explicit NoRoomOnServer(const std::string& what) : StoreError(Kind::TryAgain, what) {}
};

// What was given is larger than this server takes in one piece. Nothing was changed; the text may be shown to
// the giver, as it says what to do.
class TooLargeForServer : public StoreError {
 public:
  explicit TooLargeForServer(const std::string& what) : StoreError(Kind::Broken, what) {}
};

}  // namespace taskqueue
