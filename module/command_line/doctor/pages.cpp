// Checks that the pages can be reached: nginx's files, the FastCGI program, and the public address.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "module/command_line/doctor/checks.h"
#include "module/command_line/doctor/fastcgi_probe.h"
#include "module/command_line/doctor/text_files.h"
#include "module/health/fixes.h"
#include "module/platform/background_process.h"

namespace taskqueue::command_line::doctor {
namespace {

namespace fs = std::filesystem;
using health::quoteForShell;

constexpr std::chrono::seconds kProbeLimit{5};
constexpr const char* kNginxFile = "/etc/nginx/snippets/taskqueue.conf";  // 'taskqueue attach' writes it
constexpr const char* kCurl = "/usr/bin/curl";
constexpr const char* kTimeout = "fastcgi_read_timeout";

struct NginxFile {
  std::string path;
  std::string text;
};

// A file is this site's if it includes the secret beside the configuration, or lies there itself.
std::optional<NginxFile> findNginxFile(const std::string& configuration) {
  const fs::path directory = fs::absolute(configuration).parent_path();
  const std::string secret = (directory / "nginx-secret.conf").string();
  std::vector<fs::path> paths{kNginxFile};
  for (const fs::path& path : filesIn(directory, ".conf")) paths.push_back(path);
  for (const fs::path& path : paths) {
    std::string text = contentOf(path);
    const bool isOurs = path.parent_path() == directory || text.find(secret) != std::string::npos;
    if (isOurs && text.find("fastcgi_pass ") != std::string::npos)
      return NginxFile{path.string(), std::move(text)};
  }
  return std::nullopt;
}

// Returns the values of all lines `name value;`.
std::vector<std::string> valuesOf(const std::string& text, const std::string& name) {
  std::vector<std::string> values;
  const std::string begin = " " + name + " ";
  for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
    const auto from = at + begin.size();
    values.push_back(text.substr(from, text.find(';', from) - from));
  }
  return values;
}

// The longest answer is that of an event which runs a runner, and then a statement.
std::int64_t longestAnswer(const platform::Configuration& from) {
  return (from.web.standaloneLimit + from.database.statementLimit).count();
}

void checkTimeouts(const NginxFile& file, const platform::Configuration& from, Findings& found) {
  const std::int64_t needed = longestAnswer(from);
  for (const std::string& value : valuesOf(file.text, kTimeout)) {
    std::int64_t seconds = 0;
    const char* const end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, seconds);
    const std::string_view unit(read.ptr, static_cast<std::size_t>(end - read.ptr));
    if (unit == "m") seconds *= 60;
    if (unit == "ms" || seconds >= needed || (!unit.empty() && unit != "s" && unit != "m")) continue;
    found.push_back({.state = State::Warning,
                     .text = std::string(kTimeout) + " is " + value + ", and an event can take " +
                             std::to_string(needed) + " s",
                     .place = file.path,
                     .mend = "set " + std::string(kTimeout) + " " + std::to_string(needed) +
                             "s; there, then: nginx -s reload"});
    return;
  }
}

void checkSocket(const std::string& path, const platform::Configuration& from, Findings& found) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0) {
    found.push_back({.state = State::Problem,
                     .text = "every user of this host can send requests there",
                     .place = path,
                     .mend = "chmod o-rwx " + quoteForShell(path)});
  }
  const ProbeAnswer answer = probeFastCgi(path, from.web.basePath, kProbeLimit);
  if (answer.isWell) return;
  if (answer.error == EACCES) {
    found.push_back({.state = State::NotChecked,
                     .text = "this user may not connect to it",
                     .place = path,
                     .mend = "run 'taskqueue doctor' as root"});
    return;
  }
  found.push_back({.state = State::Problem,
                   .text = answer.problem,
                   .place = path,
                   .mend = "supervisord: supervisorctl restart taskqueue-fcgi | systemd: systemctl restart "
                           "taskqueue-fcgi.socket taskqueue-fcgi"});
}

}  // namespace

Findings checkPages(const Site& site) {
  const auto file = findNginxFile(site.configuration.path);
  if (!file) {
    return {
        {.state = State::NotChecked,
         .text = "no file of nginx for this configuration was found here or as " + std::string(kNginxFile),
         .place = site.configuration.path}};
  }
  Findings found;
  checkTimeouts(*file, site.configuration, found);
  std::vector<std::string> sockets = valuesOf(file->text, "fastcgi_pass");
  std::sort(sockets.begin(), sockets.end());
  sockets.erase(std::unique(sockets.begin(), sockets.end()), sockets.end());
  for (const std::string& socket : sockets) {
    constexpr std::string_view kUnix = "unix:";
    if (socket.starts_with(kUnix)) checkSocket(socket.substr(kUnix.size()), site.configuration, found);
  }
  return found;
}

// curl knows proxies, certificates and names of hosts.
Findings checkAddress(const Site& site) {
  std::string url = site.configuration.notify.pagesUrl;
  if (url.empty()) {
    return {{.state = State::NotChecked,
             .text = "no address of the pages is set, so none can be asked",
             .place = "notify.pages_url"}};
  }
  if (::access(kCurl, X_OK) != 0)
    return {{.state = State::NotChecked,
             .text = "the program curl is missing",
             .place = url,
             .mend = "apt install curl"}};
  url += "healthz";
  const auto answer =
      platform::runToEnd({kCurl, "-s", "-o", "/dev/null", "-m", std::to_string(kProbeLimit.count()), "-w",
                          "%{http_code} %{errormsg}", "--", url},
                         2 * kProbeLimit);
  if (answer.output.starts_with("200 ")) return {};
  const bool isReached = !answer.output.starts_with("000");
  return {{.state = State::Problem,
           .text = isReached ? "it answers " + answer.output.substr(0, 3) + " instead of 200"
                             : "it does not answer: " +
                                   answer.output.substr(std::min<std::size_t>(4, answer.output.size())),
           .place = url,
           .mend = "correct notify.pages_url, or see: nginx -t && tail /var/log/nginx/error.log"}};
}

}  // namespace taskqueue::command_line::doctor
