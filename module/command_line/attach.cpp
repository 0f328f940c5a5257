#include "module/command_line/attach.h"

#include <sysexits.h>

#include <algorithm>
#include <climits>
#include <filesystem>
#include <iostream>
#include <memory>

#include "module/command_line/site_files.h"
#include "module/command_line/site_rights.h"
#include "module/platform/random.h"
#include "module/platform/secret.h"
#include "module/platform/setting_kinds.h"
#include "module/platform/terminal_text.h"
#include "module/store/database/named_lock.h"
#include "module/store/from_configuration.h"
#include "module/store/migration.h"
#include "module/store/site.h"

namespace taskqueue::command_line {
namespace {

constexpr std::chrono::hours kForLargeTables{24};
constexpr std::chrono::seconds kForAnotherDetach{5};
constexpr int kSecretBytes = 32;

void printList(const std::string& title, const std::vector<std::string>& items) {
  std::cout << title << "\n";
  for (const std::string& item : items) std::cout << "  " << platform::terminalText(item) << "\n";
}

// Returns the CMS's settings table: SystemSettings, or ConfigurationValues before 5.2.
std::string settingsTableOf(store::Connection& connection, const std::string& prefix) {
  for (const char* name : {"SystemSettings", "ConfigurationValues"}) {
    if (store::hasTable(connection, prefix + name)) return prefix + name;
  }
  return prefix + "SystemSettings";
}

// Returns a table with one of the queue's names that TaskQueue did not create, or nothing.
std::optional<std::string> strangerAmong(const std::vector<std::string>& present, const std::string& prefix) {
  const std::string mark = prefix + "TaskQueueSchema";
  if (present.empty() || std::find(present.begin(), present.end(), mark) != present.end())
    return std::nullopt;
  return present.front();
}

// Returns the path unchanged. Throws if a configuration cannot hold it: CLI11 reads ';' as a comment, even
// within quotes.
std::string carried(const std::string& path) {
  const bool fits = std::none_of(path.begin(), path.end(),
                                 [](char c) { return c == ';' || (c >= 0 && c < ' ') || c == '\x7f'; });
  if (!fits) throw SiteFileError("no configuration can hold a ';' or control character: " + path);
  return path;
}

std::string iniText(const platform::CmsConfiguration& cms, const std::string& optionFile,
                    const std::string& settingsTable, const std::string& apiToken,
                    const std::string& eventSecret, const std::string& nginxSecret,
                    const std::string& tokensFile, const std::string& moreSettings) {
  std::error_code ignored;
  const auto programs = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const auto templates = (programs.parent_path() / "share/taskqueue/templates").string();
  return "; Written by 'taskqueue attach' for the CMS of " +
         carried(std::filesystem::absolute(cms.path).lexically_normal()) +
         ".\n; 'taskqueue settings' lists all that can be set.\n\n[database]\noption_file=\"" +
         carried(optionFile) + "\"\nname=\"" + cms.database + "\"\ntable_prefix=\"" + cms.tablePrefix +
         "\"\nsettings_table=" + settingsTable + "\n\n[web]\nbase_path=/taskqueue/\ntemplates_directory=\"" +
         templates + "\"\napi_token_sha256=" + platform::sha256Hex(apiToken) +
         "\nevent_secret_sha256=" + platform::sha256Hex(eventSecret) +
         "\nnginx_secret_sha256=" + platform::sha256Hex(nginxSecret) + "\napi_tokens_file=\"" +
         carried(tokensFile) + "\"\n\n[runner]\nprogram=\"" + (programs / "task-runner").string() +
         "\"\nrun_directory=/run/taskqueue/runners\n" + moreSettings;
}

const std::string kTokensHead = "; [token.NAME] with sha256= and role= adds a token of the API.\n";

// The site's own token may use all routes of the client, and neither limits nor runners.
std::string tokensText(const std::string& siteToken) {
  return kTokensHead + "[token.site]\nsha256=" + platform::sha256Hex(siteToken) + "\nrole=operator\n";
}

// Opens a connection. With an empty `database` it opens no schema, so that missing rights can be reported.
store::Connection connectionTo(const std::string& optionFile, const std::string& database,
                               const store::TableNames& names) {
  store::ConnectionSettings settings;
  settings.optionFile = optionFile;
  settings.database = database;
  settings.statementLimit = kForLargeTables;
  return store::Connection(std::move(settings), names);
}

}  // namespace

AttachCommands::AttachCommands(CLI::App& app)
    : attach_(app.add_subcommand("attach", "create the queue's tables in the database of a CMS")),
      detach_(app.add_subcommand("detach", "drop the queue's tables with all tasks and runs")) {
  constexpr int kMaxRevisions = 1000000;
  attach_->add_option("--cms", cms_, "directory of the site, or its config.php")->required();
  auto* account = attach_->add_option(
      "--account", account_, "MariaDB option file with an account for the queue; default: the CMS's account");
  attach_->add_option("--socket", socket_, "socket of the database, if PHP is configured with an unusual one")
      ->excludes(account);
  attach_
      ->add_option("--settings-table", settingsTable_, "settings table of the CMS; default: the existing one")
      ->check([](const std::string& name) {
        const bool fits = name.size() <= platform::kTableNameBytes && platform::isIdentifier(name);
        return fits ? "" : "must be at most 64 letters, digits and '_'";
      });
  auto* output = attach_->add_option(
      "--output", output_,
      "write taskqueue.ini, the option file and the secrets into this directory, mode 0600");
  attach_->add_option("--owner", owner_, "owner of these files, which is the user of the runners")
      ->needs(output);
  attach_
      ->add_option(
          "--site-user", siteUser_,
          "who runs the site's PHP, and may read its token and secret and wake the runners; default: "
          "www-data")
      ->needs(output);
  attach_->add_option("--wake-directory", wakeDirectory_, "where the site's PHP wakes the runners")
      ->default_val(SiteRights::kDefaultWakeDirectory)
      ->needs(output);
  auto* yes = attach_->add_flag("--yes", yes_, "make the changes; without it they are only listed");
  auto* upgrades =
      attach_
          ->add_option("--upgrades", upgrades_,
                       "print the changes as this revision of project_upgrades.sql, and change nothing")
          ->check(CLI::Range(1, kMaxRevisions))
          ->excludes(yes)
          ->excludes(output);
  attach_
      ->add_option("--since", since_,
                   "schema version before the revision; 0 if there are no tables of the queue")
      ->needs(upgrades)
      ->check(CLI::Range(0, store::migrations().back().version));
  attach_
      ->add_flag("--with-prefix", withPrefix_,
                 "write table names with the prefix, for a CMS that does not add it")
      ->needs(upgrades);
  detach_->add_flag("--yes", yes_, "drop the tables; without it they are only listed");
  detach_->add_flag("--force", force_, "drop the tables even if runners are online or tasks are unfinished");
}

int AttachCommands::attach() const {
  try {
    const platform::CmsConfiguration cms = [&] {
      auto read = platform::readCmsConfiguration(cms_);
      if (!socket_.empty()) read.socket = socket_;
      return read;
    }();
    return upgrades_ ? printUpgrades(cms) : attachTo(cms);
  } catch (const platform::CmsConfigurationError& error) {
    std::cerr << "taskqueue: " << platform::terminalText(error.what()) << "\n";
  } catch (const SiteFileError& error) {
    std::cerr << "taskqueue: " << platform::terminalText(error.what()) << "\n";
  }
  return EX_CONFIG;
}

int AttachCommands::printUpgrades(const platform::CmsConfiguration& cms) const {
  const std::string prefix = withPrefix_ ? cms.tablePrefix : "";
  std::string settings = settingsTable_;
  if (!withPrefix_ && settings.starts_with(cms.tablePrefix)) settings.erase(0, cms.tablePrefix.size());
  const store::TableNames names(prefix, settings);
  std::cout << "# r" << *upgrades_ << ": TaskQueue - tables of version " << store::migrations().back().version
            << "\n";
  for (const std::string& statement : store::upgradeStatements(since_, names))
    std::cout << statement << ";\n";
  return EX_OK;
}

int AttachCommands::attachTo(const platform::CmsConfiguration& cms) const {
  std::cout << platform::terminalText("The CMS of " + cms.path + ": schema " + cms.database + " on " +
                                      (cms.socket.empty() ? cms.host : cms.socket) + ", prefix '" +
                                      cms.tablePrefix + "', account " +
                                      (account_.empty() ? cms.user : "of " + account_) +
                                      (cms.charset.empty() ? "" : ", character set " + cms.charset))
            << "\n";
  if (cms.charset != "utf8mb4") {
    std::cout
        << "  its connections carry no text beyond ASCII into Title and keys: DBCharset is not utf8mb4\n";
  }
  std::optional<MemoryFile> ofCms;
  if (account_.empty()) ofCms.emplace(optionFileText(cms));
  const std::string optionFile = account_.empty() ? ofCms->path() : account_;
  if (!account_.empty() && !std::filesystem::is_regular_file(account_)) {
    throw SiteFileError("there is no option file " + account_);
  }

  auto server = connectionTo(optionFile, "", store::TableNames(cms.tablePrefix, settingsTable_));
  if (const auto problem = store::findServerProblem(server)) throw SiteFileError(*problem);
  const auto rights = store::checkRights(server, cms.database);
  if (!rights.missing.empty()) {
    std::cerr << "taskqueue: the account " << platform::terminalText(rights.account)
              << " lacks rights on the schema " << platform::terminalText(cms.database)
              << ". Let the database's administrator say:\n  " << platform::terminalText(rights.grant)
              << "\n";
    return EX_NOPERM;
  }
  std::cout << "Account " << platform::terminalText(rights.account) << ": has all rights that are needed\n";

  auto schema = connectionTo(optionFile, cms.database, server.names());
  const std::string settings =
      settingsTable_.empty() ? settingsTableOf(schema, cms.tablePrefix) : settingsTable_;
  auto connection = connectionTo(optionFile, cms.database, store::TableNames(cms.tablePrefix, settings));
  if (const auto problem = store::findSettingsTableProblem(connection, settings))
    throw SiteFileError(settings + " cannot be the CMS's settings table: it " + *problem);
  const auto present = store::presentTables(connection);
  if (const auto stranger = strangerAmong(present, cms.tablePrefix)) {
    throw SiteFileError("the schema " + cms.database + " has a table " + *stranger +
                        " that is not ours: rename it first");
  }
  store::Migrator migrator(connection);
  const int version = migrator.currentVersion();
  const int wanted = store::migrations().back().version;
  std::cout << "Schema version: " << version << ", this program's: " << wanted << "\n";

  std::vector<std::string> missing;
  for (const std::string& table : store::ownTables(connection.names())) {
    if (std::find(present.begin(), present.end(), table) == present.end()) missing.push_back(table);
  }
  if (!store::hasTable(connection, settings)) missing.push_back(settings + " (the CMS has none)");
  if (!missing.empty()) printList("Tables to create:", missing);
  if (version == 0)
    std::cout << "Setting to add where it is missing: TaskRunnerLimit=2 in " << settings << "\n";

  std::optional<SiteFiles> files;
  std::optional<SiteRights> site;
  const std::string siteToken = platform::randomHex(kSecretBytes);
  const std::string eventSecret = platform::randomHex(kSecretBytes);
  if (output_) {
    files.emplace(SiteFiles::Options{*output_, owner_});
    site.emplace(SiteRights::Options{*output_, siteUser_, owner_, carried(wakeDirectory_)});
    const std::string apiToken = platform::randomHex(kSecretBytes);
    const std::string nginxSecret = platform::randomHex(kSecretBytes);
    if (account_.empty()) files->add("database.cnf", optionFileText(cms));
    const std::string account =
        account_.empty() ? files->pathOf("database.cnf") : std::filesystem::absolute(account_).string();
    files->add("taskqueue.ini",
               iniText(cms, account, settings, apiToken, eventSecret, nginxSecret,
                       files->pathOf("api.tokens"), site->areGiven() ? site->settings() : ""));
    files->add("api.token", apiToken + "\n");
    files->add("api.tokens", site->areGiven() ? tokensText(siteToken) : kTokensHead);
    files->add("event.secret", eventSecret + "\n");
    // nginx reads it as root, before it becomes another user.
    files->add("nginx-secret.conf", "fastcgi_param TASKQUEUE_SECRET \"" + nginxSecret + "\";\n");
    // These files serve curl -H @FILE and wget --config=FILE, because every user can see a program's
    // arguments.
    files->add("event.header", "Authorization: Bearer " + eventSecret + "\n");
    files->add("event.wgetrc", "header = Authorization: Bearer " + eventSecret + "\n");
    printList("Files to write, mode 0600:", files->paths());
    if (site->areGiven()) {
      printList("For the site's PHP, " + siteUser_.value_or(SiteRights::kDefaultUser) + ":",
                site->describe());
    } else {
      std::cout << "The site's PHP is given no rights: " << site->problem() << "\n";
    }
  }
  if (!yes_) {
    std::cout << "Nothing was changed. To do it, say the same with --yes.\n";
    return EX_OK;
  }
  const auto applied = migrator.apply(
      [](const store::Migration& migration) { std::cout << "applying " << migration.name << std::endl; });
  std::cout << "Schema version " << migrator.currentVersion() << ", " << applied.size() << " applied\n";
  if (files) files->write();
  if (site && site->areGiven()) site->give(siteToken, eventSecret);
  std::cout << "Attached.\n";
  return EX_OK;
}

int AttachCommands::detach(const platform::Configuration& configuration) const {
  const platform::DatabaseConfiguration& database = configuration.database;
  auto settings = store::connectionSettings(database);
  settings.statementLimit = kForLargeTables;
  store::Connection connection(std::move(settings), store::tableNames(database));
  const store::NamedLock lock(connection, "detach", kForAnotherDetach);
  if (!lock.wasTaken()) {
    std::cerr << "taskqueue: another detach is at work on the schema " << database.name
              << ": say it again when that has ended\n";
    return EX_TEMPFAIL;
  }
  const auto tables = store::presentTables(connection);
  if (tables.empty()) {
    std::cout << "There is no table of ours in the schema " << database.name << ".\n";
    return EX_OK;
  }
  if (const auto stranger = strangerAmong(tables, database.tablePrefix)) {
    std::cerr << "taskqueue: the table " << *stranger << " is not ours: there is no " << database.tablePrefix
              << "TaskQueueSchema\n";
    return EX_CONFIG;
  }
  const store::SiteUse use = store::readSiteUse(connection);
  printList("Tables to drop from the schema " + database.name + ":", tables);
  std::cout << "With them go " << use.tasks << " tasks (" << use.openTasks << " open) and " << use.runs
            << " runs; of " << connection.names().settingsTable()
            << " the variable TaskRunnerLimit, and the table when we made it and nothing else is in it.\n";
  const bool isInUse = use.liveRunners > 0 || use.openTasks > 0;
  if (isInUse && !force_) {
    std::cerr << "taskqueue: " << use.liveRunners << " runners live and " << use.openTasks
              << " tasks are open: stop the runners and cancel the tasks, or say --force\n";
    return 1;
  }
  if (!yes_) {
    std::cout << "Nothing was changed. To do it, say the same with --yes.\n";
    return EX_OK;
  }
  store::removeOwnTables(connection);
  const auto removed = takeBackSiteRights(configuration);
  if (!removed.empty()) printList("Taken back from the site's PHP:", removed);
  std::cout << "Detached. The files of the configuration stay.\n";
  return EX_OK;
}

}  // namespace taskqueue::command_line
