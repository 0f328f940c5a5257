#include "module/command_line/site_setup.h"

#include <grp.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <regex>

#include "module/command_line/run_command.h"
#include "module/command_line/site_files.h"
#include "module/platform/random.h"
#include "module/platform/secret.h"

namespace taskqueue::command_line {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSnippets = "/etc/nginx/snippets/";
constexpr const char* kInclude = "    include /etc/nginx/snippets/taskqueue.conf;  # taskqueue attach\n";
constexpr const char* kHttpFile = "/etc/nginx/conf.d/taskqueue.conf";
constexpr const char* kPasswords = "/etc/nginx/taskqueue.htpasswd";
constexpr const char* kSupervisor = "/etc/supervisor/conf.d/taskqueue.conf";
constexpr const char* kCron = "/etc/cron.d/taskqueue";
constexpr const char* kSocket = "/run/taskqueue/taskqueue.sock";
constexpr const char* kNginxSiteFile = "nginx-site";  // beside the configuration; names the changed file
constexpr const char* kUnits = "systemd-units";       // beside the configuration; the units that were enabled
constexpr int kStopSeconds = 35;                      // drain_seconds + kill_grace_seconds + 10
constexpr int kPasswordBytes = 32;
constexpr int kSaltBytes = 8;

std::string textOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

bool isDirectory(const std::string& path) {
  std::error_code failed;
  return fs::is_directory(path, failed);
}

void replaceFile(const std::string& path, const std::string& text) {
  std::ofstream to(path);
  to << text;
  if (!to.flush()) throw SiteFileError("cannot write " + path);
}

}  // namespace

Keeper SiteSetup::findKeeper(const std::string& root) {
  if (isDirectory(root + "/run/systemd/system")) return Keeper::Systemd;
  if (isDirectory(root + "/etc/supervisor/conf.d")) return Keeper::Supervisord;
  return isDirectory(root + "/etc/cron.d") ? Keeper::Cron : Keeper::None;
}

std::optional<Keeper> SiteSetup::parseKeeper(const std::string& name) {
  if (name == "systemd") return Keeper::Systemd;
  if (name == "supervisord") return Keeper::Supervisord;
  if (name == "cron") return Keeper::Cron;
  if (name == "none") return Keeper::None;
  return std::nullopt;
}

SiteSetup::SiteSetup(Options options) : options_(std::move(options)), files_(options_.root) {
  addKeeper();
  addNginx();
}

bool SiteSetup::hasTemplate(const std::string& name) const {
  std::error_code failed;
  return fs::is_regular_file(options_.data + "/" + name, failed);
}

std::string SiteSetup::fill(const std::string& name) const {
  std::string text = textOf(options_.data + "/" + name);
  const std::vector<std::pair<std::string, std::string>> values{
      {"@BASE_PATH@", "/taskqueue/"},
      {"@SOCKET@", kSocket},
      {"@STATIC@", options_.data + "/templates/static/"},
      {"@WHO@", kSnippets + std::string("taskqueue-who.conf")},
      {"@HTPASSWD@", kPasswords},
      {"@NGINX_SECRET@", options_.configuration + "/nginx-secret.conf"},
      {"@NGINX_USER@", options_.webGroup},
      {"@PROGRAM@", options_.programs},
      {"@CONFIGURATION@", options_.configuration + "/taskqueue.ini"},
      {"@LOG@", "/var/log/taskqueue"},
      {"@RUNNERS@", std::to_string(options_.runners)},
      {"@STOP_SECONDS@", std::to_string(kStopSeconds)}};
  for (const auto& [from, to] : values) replaceAll(text, from, to);
  return text;
}

void SiteSetup::addNginx() {
  if (!isDirectory(options_.root + "/etc/nginx")) {
    remarks_.emplace_back(
        "There is no nginx here, so the pages have no files: install it and say this again.");
    return;
  }
  if (!hasTemplate("nginx/taskqueue.conf.template")) {
    remarks_.emplace_back("The files for nginx are missing: install taskqueue-server and say this again.");
    return;
  }
  const std::string snippets = kSnippets;
  files_.add({snippets + "taskqueue-http.conf", fill("nginx/taskqueue-http.conf")});
  files_.add({snippets + "taskqueue-roles.conf", fill("nginx/taskqueue-roles.conf")});
  files_.add({snippets + "taskqueue-who.conf", fill("nginx/taskqueue-basic-auth.conf.template")});
  files_.add({snippets + "taskqueue.conf", fill("nginx/taskqueue.conf.template")});
  const std::string comment = "# Made by taskqueue attach. nginx includes this file in its http { }.\n";
  files_.add({kHttpFile, comment + "include " + snippets + "taskqueue-http.conf;\ninclude " + snippets +
                             "taskqueue-roles.conf;\n"});
  std::error_code failed;
  if (!fs::exists(options_.root + kPasswords, failed)) {
    const std::string password = platform::randomHex(kPasswordBytes);
    const std::string hash = platform::passwordFileHash(password, platform::randomHex(kSaltBytes));
    const group* web = ::getgrnam(options_.webGroup.c_str());
    files_.add({kPasswords, "admin:" + hash + "\n", true, 0640, 0, web == nullptr ? 0 : web->gr_gid});
    files_.add({options_.configuration + "/admin.password", password + "\n", true, 0600});
  }
  remarks_.push_back("The pages are at /taskqueue/ of the site: user admin, password in " +
                     options_.configuration + "/admin.password.");
  commands_.push_back({"nginx", "-t"});
  if (options_.nginxSite.empty()) {
    remarks_.push_back("Put this line into the server { } of the site, then say 'nginx -s reload':\n" +
                       std::string(kInclude) +
                       "  (or name the file by --nginx-site, and attach puts it there)");
  } else {
    commands_.push_back({"nginx", "-s", "reload"});
  }
}

void SiteSetup::addKeeper() {
  const std::string cron = hasTemplate("cron/taskqueue") ? fill("cron/taskqueue") : "";
  if (options_.keeper == Keeper::Systemd) {
    std::vector<std::string> units{"taskqueue-fcgi.socket", "taskqueue-fcgi.service",
                                   "taskqueue-overseer.timer"};
    for (int i = 1; i <= options_.runners; ++i)
      units.push_back("task-runner@" + std::to_string(i) + ".service");
    std::string list;
    for (const std::string& unit : units) list += unit + "\n";
    files_.add({options_.configuration + "/" + kUnits, list});
    std::vector<std::string> enable{"systemctl", "enable", "--now"};
    enable.insert(enable.end(), units.begin(), units.end());
    commands_.push_back({"systemd-tmpfiles", "--create", "taskqueue.conf"});
    commands_.push_back({"systemctl", "daemon-reload"});
    commands_.push_back(enable);
  } else if (options_.keeper == Keeper::Supervisord && hasTemplate("supervisord/taskqueue.conf")) {
    files_.add({kSupervisor, fill("supervisord/taskqueue.conf")});
    // Of cron's lines, only the overseer's is needed.
    const std::string overseer =
        std::regex_replace(cron, std::regex("\n\\* \\* \\* \\* \\* [^\n]* task-runner:OnProcess[^\n]*"), "");
    files_.add({kCron, overseer});
    commands_.push_back({"systemd-tmpfiles", "--create", "taskqueue.conf"});
    commands_.push_back({"supervisorctl", "update"});
  } else if (options_.keeper == Keeper::Cron && !cron.empty()) {
    files_.add({kCron, cron});
    commands_.push_back({"systemd-tmpfiles", "--create", "taskqueue.conf"});
    remarks_.emplace_back(
        "cron keeps the runners alive, but not the pages: those need systemd or supervisord.");
  } else if (options_.keeper != Keeper::None) {
    remarks_.emplace_back(
        "The files of the runner are missing: install taskqueue-runner and say this again.");
  } else {
    remarks_.emplace_back("Nothing keeps the programs alive: see --keep.");
  }
}

void SiteSetup::show() const {
  files_.show();
  if (!options_.nginxSite.empty()) std::cout << options_.nginxSite << " gets the line\n" << kInclude;
  std::cout << "Commands to run:\n";
  for (const auto& command : commands_) std::cout << "  " << commandText(command) << "\n";
}

// Puts the line after the last server_name, and takes it away again if nginx refuses the result.
bool SiteSetup::insertInclude() const {
  const std::string path = options_.root + options_.nginxSite;
  const std::string before = textOf(path);
  if (before.find("snippets/taskqueue.conf") != std::string::npos) return true;
  const auto name = before.rfind("server_name");
  const auto end = name == std::string::npos ? name : before.find('\n', name);
  if (end == std::string::npos) {
    std::cerr << "taskqueue: " << options_.nginxSite << " has no server_name: put the line there yourself\n"
              << kInclude;
    return false;
  }
  replaceFile(path, std::string(before).insert(end + 1, kInclude));
  if (!options_.root.empty() || runCommand({"nginx", "-t"})) return true;
  replaceFile(path, before);
  std::cerr << "taskqueue: nginx refuses " << options_.nginxSite << " with the line; the file is as before\n";
  return false;
}

bool SiteSetup::apply() {
  if (!options_.nginxSite.empty())
    files_.add({options_.configuration + "/" + kNginxSiteFile, options_.nginxSite + "\n"});
  files_.write();
  bool done = options_.nginxSite.empty() || insertInclude();
  for (const auto& command : commands_) {
    if (options_.root.empty()) done = runCommand(command) && done;
  }
  for (const std::string& remark : remarks_) std::cout << remark << "\n";
  return done;
}

void SiteSetup::stopPrograms(const ManagedFiles& files, const std::string& root) {
  if (!root.empty()) return;
  for (const std::string& path : files.paths()) {
    if (!path.ends_with(std::string("/") + kUnits)) continue;
    std::vector<std::string> command{"systemctl", "disable", "--now"};
    std::ifstream list(path);
    for (std::string unit; std::getline(list, unit);) command.push_back(unit);
    runCommand(command);
  }
  if (files.has(kSupervisor)) runCommand({"supervisorctl", "stop", "taskqueue-fcgi", "task-runner:*"});
}

void SiteSetup::takeBack(ManagedFiles& files, const std::string& root) {
  bool nginxIsConcerned = files.has(kHttpFile);
  for (const std::string& path : files.paths()) {
    if (!path.ends_with(std::string("/") + kNginxSiteFile)) continue;
    std::string site = textOf(root + path);
    if (site.ends_with('\n')) site.pop_back();
    std::string text = textOf(root + site);
    replaceAll(text, kInclude, "");
    replaceFile(root + site, text);
    std::cout << "  the include line in " << site << "\n";
  }
  const bool isSupervised = files.has(kSupervisor);
  files.removeAll();
  if (!root.empty()) return;
  if (isSupervised) runCommand({"supervisorctl", "update"});
  if (nginxIsConcerned && !runCommand({"nginx", "-t"}))
    std::cerr << "taskqueue: take the include lines of taskqueue out of the site's server { }\n";
}

}  // namespace taskqueue::command_line
