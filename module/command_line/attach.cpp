#include "module/command_line/attach.h"

#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "module/command_line/site_files.h"
#include "module/command_line/site_rights.h"
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
constexpr const char* kOwner = "taskqueue";  // the user that the package makes

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

// Opens a connection. With an empty `database` it opens no schema, so that missing rights can be reported.
store::Connection connectionTo(const std::string& optionFile, const std::string& database,
                               const store::TableNames& names) {
  store::ConnectionSettings settings;
  settings.optionFile = optionFile;
  settings.database = database;
  settings.statementLimit = kForLargeTables;
  return store::Connection(std::move(settings), names);
}

void takeBackSetup(ManagedFiles& files) {
  std::cout << "Removed:\n";
  SiteSetup::takeBack(files, "");
}

}  // namespace

AttachCommands::AttachCommands(CLI::App& app)
    : attach_(app.add_subcommand(
          "attach",
          "attach the queue to a CMS: tables, configuration, nginx, and what keeps the programs alive")),
      detach_(app.add_subcommand(
          "detach", "take back what attach made, and drop the queue's tables with all tasks and runs")) {
  constexpr int kMaxRevisions = 1000000;
  constexpr int kMaxKeptRunners = 100;
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
      "only make the tables, and write taskqueue.ini, the option file and the secrets into this directory");
  attach_->add_option("--owner", owner_,
                      "owner of the configuration, who is the user of the runners; default: taskqueue, with "
                      "--output who calls this");
  attach_->add_option(
      "--site-user", siteUser_,
      "who runs the site's PHP, and may read its token and secret and wake the runners; default: "
      "www-data");
  attach_->add_option("--wake-directory", wakeDirectory_, "where the site's PHP wakes the runners")
      ->default_val(SiteRights::kDefaultWakeDirectory);
  auto* tablesOnly =
      attach_->add_flag("--tables-only", tablesOnly_, "make only the tables")->excludes(output);
  attach_
      ->add_option("--keep", keep_,
                   "what keeps the programs alive: systemd, supervisord, cron or none; auto: what is found")
      ->check(CLI::IsMember({"auto", "systemd", "supervisord", "cron", "none"}))
      ->capture_default_str()
      ->excludes(output);
  attach_->add_option("--runners", runners_, "how many runners work")
      ->check(CLI::Range(1, kMaxKeptRunners))
      ->capture_default_str();
  attach_->add_option("--bootstrap", bootstrap_,
                      "the PHP file that returns the site's handlers, for the section worker.php");
  attach_
      ->add_option("--nginx-site", nginxSite_,
                   "nginx's file with the server { } of the site; attach adds its include line")
      ->excludes(output);
  attach_->add_option("--root", root_, "write below this directory and run no command, to prepare an image")
      ->excludes(output);
  auto* yes = attach_->add_flag("--yes", yes_, "make the changes; without it they are only listed");
  auto* upgrades =
      attach_
          ->add_option("--upgrades", upgrades_,
                       "print the changes as this revision of project_upgrades.sql, and change nothing")
          ->check(CLI::Range(1, kMaxRevisions))
          ->excludes(yes)
          ->excludes(tablesOnly)
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
  if (isWhole() && root_.empty() && ::geteuid() != 0)
    throw SiteFileError("only root can attach everything: say it as root, or add --tables-only or --output");
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

  std::optional<NewConfiguration> configuration;
  std::optional<SiteSetup> setup;
  if (isWhole() && isConfigured()) {
    std::cout << "The configuration in " << directory() << " is there already and stays.\n";
  } else if (isWhole() || output_) {
    configuration.emplace(cms, newConfigurationOptions(settings));
    configuration->show();
  }
  if (isWhole()) {
    setup.emplace(setupOptions());
    setup->show();
  }
  if (!yes_) {
    std::cout << "Nothing was changed. To do it, say the same with --yes.\n";
    return EX_OK;
  }
  const auto applied = migrator.apply(
      [](const store::Migration& migration) { std::cout << "applying " << migration.name << std::endl; });
  std::cout << "Schema version " << migrator.currentVersion() << ", " << applied.size() << " applied\n";
  if (configuration) configuration->write();
  if (setup && configuration) configuration->rememberIn(setup->files());
  const bool isSetUp = !setup || setup->apply();
  std::cout << (isSetUp ? "Attached.\n"
                        : "Attached, but a command failed: mend it and say the same again.\n");
  return isSetUp ? EX_OK : 1;
}

bool AttachCommands::isConfigured() const {
  return std::filesystem::exists(root_ + directory() + "/taskqueue.ini");
}

NewConfiguration::Options AttachCommands::newConfigurationOptions(const std::string& settingsTable) const {
  NewConfiguration::Options options;
  options.root = root_;
  options.directory = directory();
  options.makesDirectory = isWhole();
  options.owner = owner_;
  if (isWhole() && !owner_) options.owner = kOwner;
  options.account = account_;
  options.siteUser = siteUser_;
  options.wakeDirectory = wakeDirectory_;
  options.settingsTable = settingsTable;
  options.bootstrap = bootstrap_;
  return options;
}

SiteSetup::Options AttachCommands::setupOptions() const {
  const auto programs = NewConfiguration::programs();
  SiteSetup::Options options;
  options.root = root_;
  options.configuration = directory();
  options.data = (programs.parent_path() / "share/taskqueue").string();
  options.programs = programs.string();
  options.webGroup = siteUser_.value_or(SiteRights::kDefaultUser);
  options.nginxSite = nginxSite_;
  options.keeper = SiteSetup::parseKeeper(keep_).value_or(SiteSetup::findKeeper(root_));
  options.runners = runners_;
  return options;
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
  ManagedFiles files("");
  const bool isOurSetup = files.has(configuration.path);
  const auto tables = store::presentTables(connection);
  if (tables.empty()) {
    std::cout << "There is no table of ours in the schema " << database.name << ".\n";
    if (isOurSetup && yes_) takeBackSetup(files);
    return EX_OK;
  }
  if (const auto stranger = strangerAmong(tables, database.tablePrefix)) {
    std::cerr << "taskqueue: the table " << *stranger << " is not ours: there is no " << database.tablePrefix
              << "TaskQueueSchema\n";
    return EX_CONFIG;
  }
  store::SiteUse use = store::readSiteUse(connection);
  printList("Tables to drop from the schema " + database.name + ":", tables);
  std::cout << "With them go " << use.tasks << " tasks (" << use.openTasks << " open) and " << use.runs
            << " runs; of " << connection.names().settingsTable()
            << " the variable TaskRunnerLimit, and the table when we made it and nothing else is in it.\n";
  if (isOurSetup && yes_ && (use.openTasks == 0 || force_)) {
    SiteSetup::stopPrograms(files, "");
    use = store::readSiteUse(connection);
  }
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
  if (isOurSetup) takeBackSetup(files);
  std::cout << (isOurSetup ? "Detached.\n" : "Detached. The files of the configuration stay.\n");
  return EX_OK;
}

}  // namespace taskqueue::command_line
