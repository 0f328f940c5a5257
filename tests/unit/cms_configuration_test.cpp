// The CMS's configuration is read in both formats, and never executed.
#include "module/platform/cms_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>

namespace taskqueue::platform {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kNew =
    "<?php\n$_CONFIG['Database']['DBHost'] = 'db.example.com';\n$_CONFIG['Database']['DBName'] = 'site';\n"
    "$_CONFIG['Database']['DBUser'] = 'ada';\n$_CONFIG['Database']['DBUserPassword'] = 'secret';\n"
    "$_CONFIG['Database']['TablePrefix'] = 'inp_';\n";
const std::string kOld =
    "<?php die() ?>\n[Database]\nDBHost = db.example.com\nDBName = site\nDBUser = ada\nDBUserPassword = "
    "secret\n"
    "TablePrefix = inp_\n";

CmsConfiguration parse(const std::string& text) {
  return parseCmsConfiguration(text, "config.php");
}

std::string findProblem(const std::string& text) {
  try {
    parse(text);
    return "";
  } catch (const CmsConfigurationError& error) {
    return error.what();
  }
}

// The new format with one more line of PHP at its end.
std::string with(const std::string& line) {
  return kNew + line + "\n";
}

TEST(CmsConfiguration, BothFormsSayTheSame) {
  for (const std::string& text : {kNew, kOld, "\xEF\xBB\xBF" + kNew, ";" + kOld}) {
    const CmsConfiguration read = parse(text);
    EXPECT_EQ(read.host, "db.example.com");
    EXPECT_EQ(read.database, "site");
    EXPECT_EQ(read.user, "ada");
    EXPECT_EQ(read.password, "secret");
    EXPECT_EQ(read.tablePrefix, "inp_");
    EXPECT_EQ(read.port, 0);
    EXPECT_EQ(read.socket, "");
  }
}

TEST(CmsConfiguration, LinesMayEndAsOnWindows) {
  for (std::string text : {kNew, kOld}) {
    for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2))
      text.replace(at, 1, "\r\n");
    EXPECT_EQ(parse(text).tablePrefix, "inp_");
  }
}

TEST(CmsConfiguration, TheLastValueCountsAsInPhp) {
  EXPECT_EQ(parse(with("$_CONFIG['Database']['DBName'] = 'second';")).database, "second");
  EXPECT_EQ(parse(kOld + "DBName = 'second'\n").database, "second");
}

TEST(CmsConfiguration, QuotesAreReadAsPhpReadsThem) {
  const auto password = [](const std::string& literal) {
    return parse(with("$_CONFIG['Database']['DBUserPassword'] = " + literal + ";")).password;
  };
  EXPECT_EQ(password(R"('it\'s')"), "it's");
  EXPECT_EQ(password(R"('a\\b\n')"), R"(a\b\n)");
  EXPECT_EQ(password(R"("say \"it\" \$5 \\")"), R"(say "it" $5 \)");
  EXPECT_EQ(password(R"('$_CONFIG; // <?php ?>')"), "$_CONFIG; // <?php ?>");
  EXPECT_EQ(password("''"), "");
  EXPECT_EQ(password("null"), "");
  EXPECT_EQ(password("12345"), "12345");
  const auto ini = [](const std::string& value) {
    return parse(kOld + "DBUserPassword = " + value + "\n").password;
  };
  EXPECT_EQ(ini(R"("say \"it\" \\ ;" ; a comment)"), R"(say "it" \ ;)");
  EXPECT_EQ(ini(R"('a\b"c')"), R"(a\b"c)");
  EXPECT_EQ(ini("plain ; a comment"), "plain");
  EXPECT_EQ(ini(""), "");
}

TEST(CmsConfiguration, CodeInTheNewFormIsRefusedAndNeverRun) {
  for (const char* value : {"system('touch /tmp/taskqueue-executed')", "'a' . system('id')",
                            "\"a$_SERVER[HOME]\"", "\"${x}\"", "getenv('X')", "DB_NAME", "'a' ? 'b' : 'c'",
                            "array('x')", "['x']", "`id`", "\"\\x41\"", "'a' 'b'", "-1", "1.5", ""}) {
    const std::string problem =
        findProblem(with(std::string("$_CONFIG['Database']['DBName'] = ") + value + ";"));
    EXPECT_THAT(problem, HasSubstr("config.php:7: DBName is not plain text")) << value;
  }
  EXPECT_FALSE(std::filesystem::exists("/tmp/taskqueue-executed"));
  // Variables that we do not read may have any value.
  EXPECT_EQ(
      findProblem(
          with("$_CONFIG['Misc']['X'] = system('id');\nini_set('memory_limit', '1G'); define('A', \"b;\");")),
      "");
}

TEST(CmsConfiguration, OtherWaysToSetAValueAreRefusedWithTheirLine) {
  for (const char* code :
       {"if (getenv('LIVE')) { $_CONFIG['Database']['DBName'] = 'live'; }",
        "$_CONFIG = array('Database' => array());", "$_CONFIG['Database'] = array('DBName' => 'x');",
        "$_CONFIG['Data' . 'base']['DBName'] = 'x';", "$_CONFIG[\"$section\"]['DBName'] = 'x';",
        "$_CONFIG['Database']['DBName'] .= 'x';"}) {
    EXPECT_THAT(findProblem(with(code)), AllOf(HasSubstr("config.php:7: sets $_CONFIG in another way")))
        << code;
  }
  for (const char* code : {"include 'local.php';", "if (true) { Require_Once(__DIR__ . '/local.php'); }",
                           "@include('a');", "foreach (glob('*.php') as $f) include $f;", "eval('x();');",
                           "$GLOBALS['_CONFIG']['Database']['DBName'] = 'x';"}) {
    EXPECT_THAT(findProblem(with(code)), HasSubstr("config.php:7: takes in or runs other code")) << code;
  }
  for (const char* code :
       {"define('include', 'require');", "$include = 1;", "$a->require();", "A::eval();", "includes();"}) {
    EXPECT_EQ(findProblem(with(code)), "") << code;
  }
  EXPECT_THAT(findProblem(with("?>\n<?php $_CONFIG['Database']['DBName'] = 'x';")),
              HasSubstr("config.php:7: goes on behind ?>"));
  EXPECT_THAT(findProblem(with("$x = <<<A\n'\nA;")), HasSubstr("config.php:7: has a heredoc"));
  EXPECT_THAT(findProblem(with("$x = 'never ends")), HasSubstr("config.php:7: has a string without an end"));
  EXPECT_THAT(findProblem(with("/* never ends")), HasSubstr("config.php:7: has a comment without an end"));
}

TEST(CmsConfiguration, CommentsSetNothing) {
  const std::string read =
      parse(with("// $_CONFIG['Database']['DBName'] = 'a';\n# $_CONFIG['Database']['DBName'] = 'b';\n"
                 "/* $_CONFIG['Database']['DBName'] = 'c';\n */ /**/ ?>\n"))
          .database;
  EXPECT_EQ(read, "site");
}

TEST(CmsConfiguration, WhatAnIniFileWouldWorkOutIsRefused) {
  for (const char* value : {"${HOME}", "\"${HOME}\"", "a|b", "(a)", "'never ends", "'a' b", "a\"b\""}) {
    EXPECT_THAT(findProblem(kOld + "DBName = " + value + "\n"), HasSubstr("config.php:8: DBName ")) << value;
  }
}

TEST(CmsConfiguration, HostsMayNameAPortOrASocket) {
  const auto host = [](const std::string& value) {
    return parse(with("$_CONFIG['Database']['DBHost'] = '" + value + "';"));
  };
  EXPECT_EQ(host("db:3307").port, 3307);
  EXPECT_EQ(host("db:3307").host, "db");
  EXPECT_EQ(host("p:db").host, "db");
  EXPECT_EQ(host("localhost:/run/x.sock").socket, "/run/x.sock");
  EXPECT_EQ(host("").host, "localhost");
  EXPECT_EQ(host("::1").host, "::1");
  for (const char* bad : {"db:", "db:0", "db:65536", "db:x"}) {
    EXPECT_THAT(findProblem(with(std::string("$_CONFIG['Database']['DBHost'] = '") + bad + "';")),
                HasSubstr("DBHost has no port"));
  }
}

TEST(CmsConfiguration, WhatDoesNotFitIsNamed) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"$_CONFIG['Database']['TablePrefix'] = 'a; DROP';", "TablePrefix must be at most 40 letters"},
      {"$_CONFIG['Database']['TablePrefix'] = '" + std::string(41, 'x') + "';", "TablePrefix must be"},
      {"$_CONFIG['Database']['DBName'] = '';", "DBName is missing or empty"},
      {"$_CONFIG['Database']['DBName'] = 'a`b';", "DBName has a quote"},
      {"$_CONFIG['Database']['DBName'] = '" + std::string(65, 'x') + "';", "DBName is longer than 64"},
      {"$_CONFIG['Database']['DBUser'] = 'a\nb';", "DBUser has control characters"},
      {"$_CONFIG['Database']['DBCharset'] = 'utf 8';", "DBCharset must be"},
      {"$_CONFIG['Database']['DBType'] = 'mssql';", "DBType must be MySQL or MariaDB"},
  };
  for (const auto& [line, problem] : cases) EXPECT_THAT(findProblem(with(line)), HasSubstr(problem)) << line;
  EXPECT_THAT(findProblem(""), HasSubstr("DBName is missing"));
  EXPECT_THAT(findProblem("<?php return;"), HasSubstr("DBName is missing"));
  EXPECT_THAT(findProblem(std::string("a\0b", 3)), HasSubstr("is not text"));
  EXPECT_THAT(findProblem(with("$_CONFIG['Database']['DBUserPassword'] = 'geheim' . x;")),
              Not(HasSubstr("geheim")));
}

// Any input gives either a result or an error.
TEST(CmsConfiguration, EveryBeginningOfAFileHasAnAnswer) {
  const std::string whole =
      with("/* a */ $_CONFIG['Database'][\"DBName\"] = \"x\\\\\"; // b\nfoo(\"a;\\\"b\"); ?>");
  for (const std::string& text : {whole, kOld}) {
    for (std::size_t size = 0; size <= text.size(); ++size) findProblem(text.substr(0, size));
  }
}

// The largest size that is read, without an end of the statement nearby.
TEST(CmsConfiguration, AHostileFileIsReadInNoTime) {
  constexpr std::size_t kBytes = 250000;
  for (const std::string piece :
       {";", "$_CONFIG['a' ;", "''", "/**/", "f('a');", "\n", "$_CONFIG['a']['b'] = 'c';"}) {
    std::string text = kNew;
    while (text.size() < kBytes) text += piece;
    const std::clock_t before = std::clock();  // CPU time: other work on the machine does not count
    findProblem(text);
    EXPECT_LT(std::clock() - before, 5 * CLOCKS_PER_SEC) << piece;
  }
}

class CmsFiles : public ::testing::Test {
 protected:
  CmsFiles() { std::filesystem::create_directories(directory_); }
  ~CmsFiles() override { std::filesystem::remove_all(directory_); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
  }
  static std::string problem(const std::string& path) {
    try {
      readCmsConfiguration(path);
      return "";
    } catch (const CmsConfigurationError& error) {
      return error.what();
    }
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("cms-configuration-" + std::to_string(::getpid()));
};

TEST_F(CmsFiles, TheSitesDirectoryIsEnough) {
  EXPECT_THAT(problem(directory_), HasSubstr("has neither system/config.php nor config.php"));
  write("config.php", kOld);
  EXPECT_EQ(readCmsConfiguration(directory_).path, directory_ / "config.php");
  write("system/config.php", kNew);
  EXPECT_EQ(readCmsConfiguration(directory_).path, directory_ / "system/config.php");
  EXPECT_EQ(readCmsConfiguration(directory_ / "config.php").database, "site");
}

TEST_F(CmsFiles, WhatIsNoConfigurationIsToldByItsPath) {
  EXPECT_THAT(problem("/nonexistent"), HasSubstr("/nonexistent: is not a file"));
  EXPECT_THAT(problem("/dev/zero"), HasSubstr("/dev/zero: is not a file"));
  write("config.php", std::string(300 << 10, 'x'));
  EXPECT_THAT(problem(directory_), HasSubstr("is larger than 262144 bytes"));
}

}  // namespace
}  // namespace taskqueue::platform
