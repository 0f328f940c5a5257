// The exception of a store if the database fails. Each kind is named after the caller's next move.
#pragma once

#include <stdexcept>
#include <string>

namespace taskqueue {

class StoreError : public std::runtime_error {
 public:
  enum class Kind {
    TryAgain,     // a deadlock or lock wait survived the store's own retries: ask later
    Conflict,     // a unique key already holds the value
    Unavailable,  // no usable connection: back off and stay alive
    Broken,       // a bug or a wrong schema: stop and report it
  };

  StoreError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}

  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

// The server has used up its disk, temporary space, memory or Ids. Nothing was changed, and other work may go
// on. The text names the resource.
class NoRoomOnServer : public StoreError {
 public:
  explicit NoRoomOnServer(const std::string& what) : StoreError(Kind::TryAgain, what) {}
};

// A value is larger than this server accepts in one packet. Nothing was changed. The text may be shown to the
// sender; it says what to do.
class TooLargeForServer : public StoreError {
 public:
  explicit TooLargeForServer(const std::string& what) : StoreError(Kind::Broken, what) {}
};

}  // namespace taskqueue
