// A CSV file below the configured directory, open for reading.
//
// The check uses the path of the open descriptor. So neither "..", a symbolic link, nor a directory replaced
// meanwhile can lead outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace taskqueue::handlers {

class ImportFile {
 public:
  // `name` is relative to `directory`. Throws GiveUp: file_outside, file_missing, file_unreadable (no
  // permission, or not a regular file). It never blocks, whatever kind of file it finds.
  ImportFile(const std::string& directory, std::string name);
  ~ImportFile();
  ImportFile(const ImportFile&) = delete;
  ImportFile& operator=(const ImportFile&) = delete;

  const std::string& name() const { return name_; }
  int descriptor() const { return descriptor_; }
  std::int64_t bytes() const { return bytes_; }            // size when it was opened
  std::int64_t modifiedNs() const { return modifiedNs_; }  // since 1970, when it was opened
  bool hasChanged() const;  // size or modification time differ from those at opening

 private:
  std::string name_;
  int descriptor_ = -1;
  std::int64_t bytes_ = 0;
  std::int64_t modifiedNs_ = 0;
};

}  // namespace taskqueue::handlers
