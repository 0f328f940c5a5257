// An SQL statement has a name for the log and a text in which {TaskQueue} means the prefixed table. As a rule
// it is a constant in the file that runs it. All statements list themselves, so that a test can prepare each
// against a fresh schema.
#pragma once

#include <string>
#include <vector>

namespace taskqueue::store {

class Sql {
 public:
  Sql(const char* name, std::string text);
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;

  const char* name() const { return name_; }
  const std::string& text() const { return text_; }

  static const std::vector<const Sql*>& all();

 private:
  const char* name_;
  std::string text_;
};

}  // namespace taskqueue::store
