// An SQL statement has a name for the log and a text in which {TaskQueue} means the prefixed table. As a rule
// it is a constant in the file that runs it, a raw string with one clause a line. All statements list
// themselves, so that a test can prepare each against a fresh schema.
//
// Statements share pieces: {task_columns} means the text of the piece with this name. A name of a piece
// begins with a small letter, a name of a table with a capital one.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::store {

class SqlPiece {
 public:
  // A piece may use other pieces, at most this deep.
  static constexpr int kMaxDepth = 4;

  SqlPiece(const char* name, std::string_view text);
  SqlPiece(const SqlPiece&) = delete;
  SqlPiece& operator=(const SqlPiece&) = delete;

  const char* name() const { return name_; }
  std::string_view text() const { return text_; }

 private:
  const char* name_;
  std::string_view text_;
};

// Replaces each {piece} by its text, and line breaks with their indentation by a space. Tables stay. Throws
// StoreError(Broken) when there is no such piece, or when pieces are nested too deep.
std::string expandPieces(std::string_view text);

class Sql {
 public:
  Sql(const char* name, std::string text);
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;

  const char* name() const { return name_; }
  // Returns the text with its pieces, on one line. Any thread may call it.
  const std::string& text() const;

  static const std::vector<const Sql*>& all();

 private:
  const char* name_;
  std::string source_;
  mutable std::once_flag expanded_;  // pieces of other files may not exist before main() begins
  mutable std::string text_;
};

}  // namespace taskqueue::store
