// A CSV file below the configured directory, open for reading.
//
// What was opened is what is checked: the path is taken from the open descriptor, so that neither "..", nor a
// symbolic link, nor a directory exchanged meanwhile can lead outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace taskqueue::handlers {

class ImportFile {
 public:
  // `name` is relative to `directory`. Throws GiveUp: file_outside, file_missing, file_unreadable (no rights,
  // or not a regular file). Never blocks, whatever stands there.
  ImportFile(const std::string& directory, std::string name);
  ~ImportFile();
  ImportFile(const ImportFile&) = delete;
  ImportFile& operator=(const ImportFile&) = delete;

  const std::string& name() const { return name_; }
  int descriptor() const { return descriptor_; }
  std::int64_t bytes() const { return bytes_; }            // as it was opened
  std::int64_t modifiedNs() const { return modifiedNs_; }  // since 1970, as it was opened
  bool hasChanged() const;  // in size or modification time, since it was opened

 private:
  std::string name_;
  int descriptor_ = -1;
  std::int64_t bytes_ = 0;
  std::int64_t modifiedNs_ = 0;
};

}  // namespace taskqueue::handlers
