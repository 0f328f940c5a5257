#include "module/command_line/new_configuration.h"

#include <algorithm>
#include <iostream>

#include "module/platform/random.h"
#include "module/platform/secret.h"
#include "module/platform/terminal_text.h"

namespace taskqueue::command_line {
namespace {

constexpr int kSecretBytes = 32;

const std::string kTokensHead = "; [token.NAME] with sha256= and role= adds a token of the API.\n";

// Returns the path unchanged. Throws if a configuration cannot hold it: CLI11 reads ';' as a comment, even
// within quotes.
std::string carried(const std::string& path) {
  const bool fits = std::none_of(path.begin(), path.end(),
                                 [](char c) { return c == ';' || (c >= 0 && c < ' ') || c == '\x7f'; });
  if (!fits) throw SiteFileError("no configuration can hold a ';' or control character: " + path);
  return path;
}

// The site's own token may use all routes of the client, and neither limits nor runners.
std::string tokensText(const std::string& siteToken) {
  return kTokensHead + "[token.site]\nsha256=" + platform::sha256Hex(siteToken) + "\nrole=operator\n";
}

std::string withoutRoot(std::string text, const std::string& root) {
  if (root.empty()) return text;
  for (auto at = text.find(root); at != std::string::npos; at = text.find(root, at))
    text.erase(at, root.size());
  return text;
}

}  // namespace

NewConfiguration::NewConfiguration(const platform::CmsConfiguration& cms, const Options& options)
    : options_(options),
      apiToken_(platform::randomHex(kSecretBytes)),
      eventSecret_(platform::randomHex(kSecretBytes)),
      nginxSecret_(platform::randomHex(kSecretBytes)),
      siteToken_(platform::randomHex(kSecretBytes)),
      files_({options.root + options.directory, options.owner, options.makesDirectory}),
      site_({options.root + options.directory, options.siteUser, options.owner,
             options.root + carried(options.wakeDirectory)}) {
  const bool isOwnAccount = options.account.empty();
  if (isOwnAccount) files_.add("database.cnf", optionFileText(cms));
  const std::string account =
      isOwnAccount ? files_.pathOf("database.cnf") : std::filesystem::absolute(options.account).string();
  files_.add("taskqueue.ini", withoutRoot(settings(cms, account), options.root));
  files_.add("api.token", apiToken_ + "\n");
  files_.add("api.tokens", site_.areGiven() ? tokensText(siteToken_) : kTokensHead);
  files_.add("event.secret", eventSecret_ + "\n");
  // nginx reads it as root, before it becomes another user.
  files_.add("nginx-secret.conf", "fastcgi_param TASKQUEUE_SECRET \"" + nginxSecret_ + "\";\n");
  // These files serve curl -H @FILE and wget --config=FILE, because every user can see a program's
  // arguments.
  files_.add("event.header", "Authorization: Bearer " + eventSecret_ + "\n");
  files_.add("event.wgetrc", "header = Authorization: Bearer " + eventSecret_ + "\n");
}

std::filesystem::path NewConfiguration::programs() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

std::string NewConfiguration::settings(const platform::CmsConfiguration& cms,
                                       const std::string& optionFile) const {
  const auto data = programs().parent_path() / "share/taskqueue";
  std::string text = "; Written by 'taskqueue attach' for the CMS of " +
                     carried(std::filesystem::absolute(cms.path).lexically_normal()) +
                     ".\n; 'taskqueue settings' lists all that can be set.\n\n[database]\noption_file=\"" +
                     carried(optionFile) + "\"\nname=\"" + cms.database + "\"\ntable_prefix=\"" +
                     cms.tablePrefix + "\"\nsettings_table=" + options_.settingsTable +
                     "\n\n[web]\nbase_path=/taskqueue/\ntemplates_directory=\"" +
                     (data / "templates").string() +
                     "\"\napi_token_sha256=" + platform::sha256Hex(apiToken_) +
                     "\nevent_secret_sha256=" + platform::sha256Hex(eventSecret_) +
                     "\nnginx_secret_sha256=" + platform::sha256Hex(nginxSecret_) + "\napi_tokens_file=\"" +
                     carried(files_.pathOf("api.tokens")) + "\"\n\n[runner]\nprogram=\"" +
                     (programs() / "task-runner").string() + "\"\nrun_directory=/run/taskqueue/runners\n";
  if (site_.areGiven()) text += site_.settings();
  if (!options_.bootstrap.empty()) {
    const std::string bootstrap = carried(std::filesystem::absolute(options_.bootstrap).string());
    text += "\n[worker.php]\ncommand=/usr/bin/php " + (data / "php/worker.php").string() +
            " \"--bootstrap=" + bootstrap + "\"\n";
  }
  return text;
}

void NewConfiguration::show() const {
  const auto print = [](const std::string& title, const std::vector<std::string>& items) {
    std::cout << title << "\n";
    for (const std::string& item : items) std::cout << "  " << platform::terminalText(item) << "\n";
  };
  print("Files to write, mode 0600:", files_.paths());
  if (site_.areGiven()) {
    print("For the site's PHP, " + options_.siteUser.value_or(SiteRights::kDefaultUser) + ":",
          site_.describe());
  } else {
    std::cout << "The site's PHP is given no rights: " << site_.problem() << "\n";
  }
}

void NewConfiguration::write() const {
  files_.write();
  if (site_.areGiven()) site_.give(siteToken_, eventSecret_);
}

void NewConfiguration::rememberIn(ManagedFiles& files) const {
  for (const auto& [path, text] : files_.files()) files.remember(withoutRoot(path, options_.root), text);
}

}  // namespace taskqueue::command_line
