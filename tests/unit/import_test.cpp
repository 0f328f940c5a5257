// The parts of an import without a database: CSV reading, file opening and value checks.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "module/queue/utf8_text.h"
#include "runner/handlers/import/column_type.h"
#include "runner/handlers/import/csv_reader.h"
#include "runner/handlers/import/import_file.h"
#include "runner/handlers/import/utf8.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Fields = std::vector<std::string>;

// An unnamed file with this content.
class Text {
 public:
  explicit Text(const std::string& content) : file_(std::tmpfile()) {
    std::fwrite(content.data(), 1, content.size(), file_);
    std::fflush(file_);
  }
  ~Text() { std::fclose(file_); }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  int descriptor() const { return ::fileno(file_); }

 private:
  std::FILE* file_;
};

struct ReadRow {
  Fields fields;
  std::int64_t line = 0;
  CsvPlace behind;
};

std::vector<ReadRow> readFrom(const Text& text, const CsvPlace& from = {}, const CsvLimits& limits = {}) {
  CsvReader reader(text.descriptor(), limits, from);
  std::vector<ReadRow> rows;
  CsvRow row;
  while (reader.next(row)) rows.push_back({row.fields, row.line, reader.place()});
  return rows;
}

std::vector<Fields> rowsOf(const std::string& content) {
  std::vector<Fields> rows;
  for (ReadRow& row : readFrom(Text(content))) rows.push_back(std::move(row.fields));
  return rows;
}

std::vector<std::int64_t> linesOf(const std::string& content) {
  std::vector<std::int64_t> lines;
  for (const ReadRow& row : readFrom(Text(content))) lines.push_back(row.line);
  return lines;
}

// Code and message of the error that ends the reading. All errors are final.
struct Failure {
  std::string code;
  std::string message;
};

template <typename Action>
Failure failureOf(Action action) {
  try {
    action();
  } catch (const GiveUp& error) {
    return {error.code(), error.message()};
  }
  return {};
}

Failure failureOfReading(const std::string& content, const CsvLimits& limits = {}) {
  const Text text(content);
  return failureOf([&] { readFrom(text, {}, limits); });
}

// From every place that a reader reports, a new reader returns exactly the remaining rows, with the same line
// numbers.
void expectResumableEverywhere(const std::string& content) {
  const Text text(content);
  const auto whole = readFrom(text);
  for (std::size_t done = 0; done < whole.size(); ++done) {
    const auto rest = readFrom(text, whole[done].behind);
    ASSERT_EQ(rest.size(), whole.size() - done - 1) << "behind row " << done;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      const ReadRow& expected = whole[done + 1 + i];
      ASSERT_EQ(rest[i].fields, expected.fields);
      ASSERT_EQ(rest[i].line, expected.line);
      ASSERT_EQ(rest[i].behind.position, expected.behind.position);
      ASSERT_EQ(rest[i].behind.line, expected.behind.line);
    }
  }
}

TEST(CsvReader, QuotedFieldsHoldNewlinesCommasAndQuotes) {
  EXPECT_THAT(rowsOf("a,\"two\nlines, and \"\"quotes\"\"\"\nb,\"x\r\ny\"\n"),
              ElementsAre(Fields{"a", "two\nlines, and \"quotes\""}, Fields{"b", "x\r\ny"}));
}

TEST(CsvReader, EveryLineEndEndsARow) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    EXPECT_THAT(rowsOf("a,b" + end + "c,d" + end), ElementsAre(Fields{"a", "b"}, Fields{"c", "d"}))
        << end.size();
    EXPECT_THAT(rowsOf("a,b" + end + "c,d"), ElementsAre(Fields{"a", "b"}, Fields{"c", "d"})) << end.size();
    EXPECT_THAT(linesOf("a" + end + end + "\"b" + end + "b\"" + end + "c"), ElementsAre(1, 3, 5))
        << end.size();
  }
}

TEST(CsvReader, TheLastRowMayEndWithAQuote) {
  EXPECT_THAT(rowsOf("a,\"b\""), ElementsAre(Fields{"a", "b"}));
  EXPECT_THAT(rowsOf("a,\"\""), ElementsAre(Fields{"a", ""}));
  EXPECT_THAT(rowsOf("a,"), ElementsAre(Fields{"a", ""}));
}

TEST(CsvReader, NothingHoldsNoRow) {
  EXPECT_THAT(rowsOf(""), IsEmpty());
  EXPECT_THAT(rowsOf("\n\r\n\r"), IsEmpty());
  EXPECT_THAT(rowsOf("\xEF\xBB\xBF"), IsEmpty());
}

TEST(CsvReader, ByteOrderMarkIsNoPartOfTheFirstField) {
  EXPECT_THAT(rowsOf("\xEF\xBB\xBF"
                     "Code\n1\n"),
              ElementsAre(Fields{"Code"}, Fields{"1"}));
  EXPECT_THAT(rowsOf("\xEF\xBB\xBF\"Code\"\n"), ElementsAre(Fields{"Code"}));
  EXPECT_THAT(rowsOf("ab"), ElementsAre(Fields{"ab"}));  // shorter than a byte order mark
}

TEST(CsvReader, ATextThatEndsInsideQuotesIsRefused) {
  const Failure failure = failureOfReading("a,b\nc,\"cut off\nhere");
  EXPECT_EQ(failure.code, "csv_malformed");
  EXPECT_THAT(failure.message, HasSubstr("line 3"));
  EXPECT_THAT(failure.message, HasSubstr("begins on line 2"));
}

TEST(CsvReader, AQuoteOutOfPlaceIsRefusedWithItsLine) {
  for (const std::string row : {"b\"c,d", "\"b\"c,d", "\"b\" \"c\",d"}) {
    const Failure failure = failureOfReading("a,b\n\n" + row + "\n");
    EXPECT_EQ(failure.code, "csv_malformed") << row;
    EXPECT_THAT(failure.message, HasSubstr("line 3")) << row;
  }
}

TEST(CsvReader, OtherEncodingsAreRefusedWithTheirLine) {
  const Failure latin1 = failureOfReading("a\n\"x\nZ\xFCrich\ny\"\n");
  EXPECT_EQ(latin1.code, "csv_not_utf8");
  EXPECT_THAT(latin1.message, HasSubstr("line 3"));
  EXPECT_EQ(failureOfReading("\xFF\xFE"
                             "a\n")
                .code,
            "csv_not_utf8");
}

TEST(CsvReader, AFieldAboveTheLimitIsRefusedAndAtTheLimitIsRead) {
  const CsvLimits limits{.fieldBytes = 1000, .rowBytes = 100000};
  EXPECT_EQ(failureOfReading("a\n" + std::string(1000, 'x') + "\n", limits).code, "");
  const Failure failure = failureOfReading("a\n" + std::string(1001, 'x') + "\n", limits);
  EXPECT_EQ(failure.code, "csv_field_too_large");
  EXPECT_THAT(failure.message, HasSubstr("line 2"));
}

std::int64_t residentBytes() {
  std::ifstream status("/proc/self/statm");
  std::int64_t whole = 0;
  std::int64_t resident = 0;
  status >> whole >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

TEST(CsvReader, AHugeFieldDoesNotGrowMemory) {
  constexpr std::size_t kHuge = 10 << 20;
  [[maybe_unused]] constexpr std::int64_t kRoom =
      4 << 20;  // a field's limit, a buffer, and the allocator's reserve
  for (const std::string& content :
       {"a\n\"" + std::string(kHuge, 'x') + "\"\n", "a\n\"" + std::string(kHuge, '\n')}) {
    const Text text(content);
    [[maybe_unused]] const std::int64_t before = residentBytes();
    EXPECT_EQ(failureOf([&] { readFrom(text); }).code, "csv_field_too_large");
#ifndef __SANITIZE_ADDRESS__  // it keeps freed memory
    EXPECT_LT(residentBytes() - before, kRoom);
#endif
  }
}

TEST(CsvReader, ManyFieldsDoNotGrowMemory) {
  EXPECT_EQ(failureOfReading("a\n" + std::string(10 << 20, ',') + "\n").code, "csv_row_too_large");
}

TEST(CsvReader, ReadingGoesOnAtEveryRow) {
  expectResumableEverywhere(
      "\xEF\xBB\xBF"
      "Code,Name\r\n1,\"a\r\nb\"\r\n\r\n2,\"\"\"\"\r\n3,c\r\n");
  expectResumableEverywhere("Code,Name\r1,\"a\rb\"\r\r2,x\r3,c");
  expectResumableEverywhere("Code\n\n\n1\n \n2");
}

// The buffer may end anywhere: inside a character, between CR and LF, after a quote, …
TEST(CsvReader, ReadingGoesOnAtEveryRowWhereverTheBufferEnds) {
  constexpr std::size_t kBufferBytes = 64 << 10;
  const std::string rows = "1,\"a\r\n\"\"ä\"\"\"\r\n2,b\r\n\r\n\"3\",\xF0\x9F\x98\x80\r\n";
  for (std::size_t shift = 0; shift <= rows.size(); ++shift) {
    const std::string filler(kBufferBytes - shift - 4, 'x');
    expectResumableEverywhere("h,h\r" + filler.substr(1) + "," + rows + rows);
    EXPECT_EQ(rowsOf("h,h\n" + filler.substr(4) + ",\r\n" + rows).size(), 5U);
  }
}

TEST(Utf8, OverlongSurrogateAndOutOfRangeAreInvalid) {
  for (const std::string invalid :
       {"\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    EXPECT_EQ(firstInvalidUtf8("ab" + invalid), 2U);
  }
  EXPECT_EQ(firstInvalidUtf8("ä€\U0001F600\xED\x9F\xBF"), std::nullopt);
}

TEST(Utf8, ExcerptsAreCutBetweenCharacters) {
  EXPECT_EQ(makeExcerpt("ää", 3), "ä…");
  EXPECT_EQ(makeExcerpt("ää", 4), "ää");
}

ColumnType wholeNumber(int bits, bool negative) {
  ColumnType column;
  column.name = "Weight";
  column.kind = ColumnType::Kind::WholeNumber;
  column.bits = bits;
  column.negative = negative;
  return column;
}

TEST(ColumnType, WholeNumbersKeepTheirRange) {
  const ColumnType tiny = wholeNumber(8, true);
  for (const char* fits : {"0", "127", "-128", "+5", "007", "5.00"})
    EXPECT_EQ(findProblem(tiny, fits), std::nullopt) << fits;
  for (const char* refused :
       {"128", "-129", "1.5", "", "-", ".", "1e3", "0x10", "12 kg", "1,5", "99999999999999999999"}) {
    EXPECT_NE(findProblem(tiny, refused), std::nullopt) << refused;
  }
  EXPECT_EQ(findProblem(wholeNumber(64, false), "18446744073709551615"), std::nullopt);
  EXPECT_NE(findProblem(wholeNumber(64, false), "18446744073709551616"), std::nullopt);
  EXPECT_NE(findProblem(wholeNumber(32, false), "-1"), std::nullopt);
}

TEST(ColumnType, DecimalsKeepTheirDigits) {
  ColumnType price;
  price.name = "Price";
  price.kind = ColumnType::Kind::Decimal;
  price.wholeDigits = 3;
  for (const char* fits : {"999.99", "-0.5", ".5", "0001.239"})
    EXPECT_EQ(findProblem(price, fits), std::nullopt) << fits;
  for (const char* refused : {"1000", "free", "1.2.3", "NaN", ""})
    EXPECT_NE(findProblem(price, refused), std::nullopt) << refused;
  price.nullable = true;
  EXPECT_EQ(findProblem(price, ""), std::nullopt);
}

TEST(ColumnType, TextsAreMeasuredInCharactersAndInBytes) {
  ColumnType name;
  name.name = "Name";
  name.characters = 3;
  name.bytes = 12;
  EXPECT_EQ(findProblem(name, "äöü"), std::nullopt);
  EXPECT_THAT(findProblem(name, "äöüa").value_or(""), HasSubstr("longer than 3 characters"));
  name.characters = 12;
  EXPECT_THAT(findProblem(name, "äöüäöüä").value_or(""), HasSubstr("longer than 12 bytes"));
  name.widestCharacter = 3;
  EXPECT_NE(findProblem(name, "\U0001F600"), std::nullopt);
}

class ImportFileTest : public testing::Test {
 protected:
  ImportFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "import-file-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    directory_ = root_ / "import";
    std::filesystem::create_directories(directory_ / "sub");
    // The directory's name is a prefix of this one.
    std::filesystem::create_directory(root_ / "import-other");
    write(directory_ / "good.csv");
    write(directory_ / "sub" / "good.csv");
    write(root_ / "secret.csv");
    write(root_ / "import-other" / "secret.csv");
  }
  ~ImportFileTest() override { std::filesystem::remove_all(root_); }

  static void write(const std::filesystem::path& path) { std::ofstream(path) << "Code\n1\n"; }

  std::string codeOf(const std::string& name) const {
    return failureOf([&] { ImportFile file(directory_.string(), name); }).code;
  }

  std::filesystem::path root_;
  std::filesystem::path directory_;
};

TEST_F(ImportFileTest, FilesBelowTheDirectoryAreOpened) {
  const ImportFile file(directory_.string(), "good.csv");
  EXPECT_EQ(file.bytes(), 7);
  EXPECT_FALSE(file.hasChanged());
  EXPECT_NE(::fcntl(file.descriptor(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(codeOf("sub/good.csv"), "");
}

TEST_F(ImportFileTest, ParentsAndAbsolutePathsAreOutside) {
  for (const std::string name :
       {"../secret.csv", "sub/../../secret.csv", "..", "sub/..", "missing/../../secret.csv"}) {
    EXPECT_EQ(codeOf(name), "file_outside") << name;
  }
  EXPECT_EQ(codeOf((root_ / "secret.csv").string()), "file_outside");
  EXPECT_EQ(codeOf((directory_ / "good.csv").string()), "file_outside");
}

TEST_F(ImportFileTest, SymbolicLinksMayLeadAroundInsideButNotOut) {
  std::filesystem::create_symlink("sub/good.csv", directory_ / "inside.csv");
  std::filesystem::create_symlink(root_ / "secret.csv", directory_ / "out.csv");
  std::filesystem::create_symlink(root_ / "import-other", directory_ / "other");
  std::filesystem::create_symlink("/dev/zero", directory_ / "zero.csv");
  EXPECT_EQ(codeOf("inside.csv"), "");
  EXPECT_EQ(codeOf("out.csv"), "file_outside");
  EXPECT_EQ(codeOf("other/secret.csv"), "file_outside");
  EXPECT_EQ(codeOf("zero.csv"), "file_outside");
}

TEST_F(ImportFileTest, TheDirectoryItselfMayBeALink) {
  std::filesystem::create_directory_symlink(directory_, root_ / "link");
  EXPECT_EQ(failureOf([&] { ImportFile file((root_ / "link").string(), "good.csv"); }).code, "");
}

TEST_F(ImportFileTest, OnlyRegularFilesAreRead) {
  ASSERT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0600), 0);
  std::filesystem::create_symlink("loop", directory_ / "loop");
  EXPECT_EQ(codeOf("fifo"), "file_unreadable");  // it must not hang either
  EXPECT_EQ(codeOf("sub"), "file_unreadable");
  EXPECT_EQ(codeOf("."), "file_outside");
  EXPECT_EQ(codeOf("loop"), "file_unreadable");
}

TEST_F(ImportFileTest, WhatIsNotThereIsMissing) {
  EXPECT_EQ(codeOf("nothing.csv"), "file_missing");
  EXPECT_EQ(codeOf("good.csv/x"), "file_missing");
  EXPECT_EQ(codeOf(std::string(5000, 'a')), "file_missing");
  EXPECT_EQ(codeOf(std::string("good.csv\0x", 10)), "file_missing");
  EXPECT_EQ(failureOf([&] { ImportFile file((root_ / "gone").string(), "good.csv"); }).code, "file_missing");
}

TEST_F(ImportFileTest, ANameWithANulIsTold) {
  const std::string name("good.csv\0x", 10);
  const Failure failure = failureOf([&] { ImportFile file(directory_.string(), name); });
  EXPECT_THAT(failure.message, HasSubstr("\"" + name + "\": its name holds a NUL"));
}

// Root may read everything, so this test switches to an ordinary user.
class AsNobody {
 public:
  AsNobody() {
    if (user_ == 0 && ::seteuid(kNobody) != 0) throw std::runtime_error("cannot become nobody");
  }
  ~AsNobody() {
    if (user_ == 0 && ::seteuid(user_) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  uid_t user_ = ::geteuid();
};

TEST_F(ImportFileTest, RightsAreAskedOfTheFileSystem) {
  std::filesystem::permissions(root_, std::filesystem::perms(0755));
  std::filesystem::permissions(directory_ / "good.csv", std::filesystem::perms::none);
  const AsNobody asNobody;
  EXPECT_EQ(codeOf("sub/good.csv"), "");
  EXPECT_EQ(codeOf("good.csv"), "file_unreadable");
}

TEST_F(ImportFileTest, AChangeIsNoticed) {
  const ImportFile file(directory_.string(), "good.csv");
  std::ofstream(directory_ / "good.csv", std::ios::app) << "2\n";
  EXPECT_TRUE(file.hasChanged());
}

}  // namespace
}  // namespace taskqueue::handlers
