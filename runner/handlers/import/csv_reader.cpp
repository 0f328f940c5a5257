#include "runner/handlers/import/csv_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "module/queue/utf8_text.h"
#include "runner/handlers/import/utf8.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;
// Libcsv's default of 128 would copy a long field too often.
constexpr std::size_t kFieldGrowthBytes = 4 << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string onLine(std::int64_t line) {
  return "line " + std::to_string(line) + ": ";
}

// Counts CRLF as one line end.
std::int64_t lineEndsIn(std::string_view text) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || (text[i] == '\r' && !text.substr(i + 1).starts_with('\n'))) ++count;
  }
  return count;
}

}  // namespace

CsvReader::CsvReader(int descriptor, const CsvLimits& limits, const CsvPlace& from)
    : descriptor_(descriptor), limits_(limits), place_(from), buffer_(kBufferBytes) {
  // Without CSV_STRICT_FINI a file cut off inside quotes would pass as complete.
  if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
  csv_set_blk_size(&parser_, kFieldGrowthBytes);
  if (place_.position > 0) return;
  while (end_ < kByteOrderMark.size() && refill()) {
  }
  if (std::string_view(buffer_.data(), end_).starts_with(kByteOrderMark)) {
    begin_ = kByteOrderMark.size();
    place_.position = static_cast<std::int64_t>(begin_);
  }
}

CsvReader::~CsvReader() {
  csv_free(&parser_);
}

bool CsvReader::next(CsvRow& row) {
  row_ = &row;
  row.fields.clear();
  rowBytes_ = 0;
  rowEnded_ = false;
  while (!rowEnded_) {
    const std::string_view slice = nextSlice();
    if (slice.empty()) {
      finish();
      return rowEnded_;
    }
    feed(slice);
  }
  return true;
}

// Returns the text up to the next line end, or the rest of the buffer. At most one row ends in a slice, so
// its end position is known. A slice never splits CRLF.
std::string_view CsvReader::nextSlice() {
  if (begin_ == end_ && !refill()) return {};
  const auto isLineEnd = [](char c) { return c == '\n' || c == '\r'; };
  std::size_t at = static_cast<std::size_t>(
      std::find_if(buffer_.data() + begin_, buffer_.data() + end_, isLineEnd) - buffer_.data());
  if (at == end_) return {buffer_.data() + begin_, end_ - begin_};
  if (buffer_[at] == '\r' && at + 1 == end_) {
    if (at > begin_) return {buffer_.data() + begin_, at - begin_};  // the next slice holds the CR and its LF
    refill();
    at = begin_;
  }
  if (buffer_[at] == '\r' && at + 1 < end_ && buffer_[at + 1] == '\n') ++at;
  return {buffer_.data() + begin_, at + 1 - begin_};
}

// Reads more data behind the unparsed rest, which is at most one byte. Returns false at the end of the file.
bool CsvReader::refill() {
  if (fileEnded_) return false;
  const std::size_t kept = end_ - begin_;
  std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
  begin_ = 0;
  end_ = kept;
  ssize_t count = 0;
  do {
    count = ::pread(descriptor_, buffer_.data() + kept, buffer_.size() - kept,
                    static_cast<off_t>(place_.position) + static_cast<off_t>(kept));
  } while (count < 0 && errno == EINTR);
  if (count < 0)
    throw TaskError("file_unreadable", std::string("reading the file failed: ") + std::strerror(errno));
  fileEnded_ = count == 0;
  end_ += static_cast<std::size_t>(count);
  return !fileEnded_;
}

void CsvReader::feed(std::string_view slice) {
  if (lineBegins_ && parser_.quoted == 0) row_->line = place_.line;
  const std::size_t parsed = csv_parse(&parser_, slice.data(), slice.size(), &takeField, &takeRowEnd, this);
  throwProblem();
  if (parsed != slice.size()) {
    if (csv_error(&parser_) != CSV_EPARSE) throw std::bad_alloc();
    malformed("a quote stands where none may be; quotes inside a quoted field are doubled");
  }
  // Until a field ends, only libcsv knows its length.
  if (static_cast<std::int64_t>(parser_.entry_pos) > limits_.fieldBytes) {
    add({reinterpret_cast<const char*>(parser_.entry_buf), parser_.entry_pos});
    throwProblem();
  }
  begin_ += slice.size();
  place_.position += static_cast<std::int64_t>(slice.size());
  lineBegins_ = slice.back() == '\n' || slice.back() == '\r';
  if (lineBegins_) ++place_.line;
}

// The last row may lack a line end.
void CsvReader::finish() {
  const bool failed = csv_fini(&parser_, &takeField, &takeRowEnd, this) != 0;
  throwProblem();
  if (failed) malformed("the file ends inside quotes: it is not complete, or a quote is missing");
}

void CsvReader::malformed(const std::string& what) const {
  std::string text = onLine(place_.line) + what;
  if (row_->line != place_.line) text += " (the row begins on line " + std::to_string(row_->line) + ")";
  throw GiveUp("csv_malformed", text);
}

void CsvReader::throwProblem() {
  if (problem_) throw GiveUp(problem_->code, problem_->text);
}

void CsvReader::takeField(void* content, std::size_t size, void* reader) {
  static_cast<CsvReader*>(reader)->add({static_cast<const char*>(content), size});
}

void CsvReader::takeRowEnd(int, void* reader) {
  static_cast<CsvReader*>(reader)->rowEnded_ = true;
}

void CsvReader::add(std::string_view field) {
  if (problem_) return;
  if (static_cast<std::int64_t>(field.size()) > limits_.fieldBytes) {
    problem_ = {"csv_field_too_large", onLine(row_->line) + "a field of the row is larger than " +
                                           std::to_string(limits_.fieldBytes) +
                                           " bytes; is a quote not closed?"};
    return;
  }
  if (const auto invalid = firstInvalidUtf8(field)) {
    const std::int64_t line = place_.line - lineEndsIn(field.substr(*invalid));
    problem_ = {"csv_not_utf8", onLine(line) + "not UTF-8; save the file with the encoding UTF-8"};
    return;
  }
  rowBytes_ += static_cast<std::int64_t>(field.size() + sizeof(std::string));
  if (rowBytes_ > limits_.rowBytes) {
    problem_ = {"csv_row_too_large",
                onLine(row_->line) + "the row is larger than " + std::to_string(limits_.rowBytes) + " bytes"};
    return;
  }
  row_->fields.emplace_back(field);
}

}  // namespace taskqueue::handlers
