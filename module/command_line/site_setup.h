// What `taskqueue attach` does beside tables and configuration: nginx's files, and what keeps the programs
// alive.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/command_line/managed_files.h"

namespace taskqueue::command_line {

// The program that keeps runners and pages alive, and calls the overseer.
enum class Keeper { Systemd, Supervisord, Cron, None };

class SiteSetup {
 public:
  struct Options {
    std::string root;           // see ManagedFiles
    std::string configuration;  // directory of taskqueue.ini
    std::string data;           // directory of the templates: PREFIX/share/taskqueue
    std::string programs;       // directory of the programs
    std::string webGroup;       // group of nginx's workers
    std::string nginxSite;      // file with the site's server { }, which gets the include line; empty: none
    Keeper keeper = Keeper::None;
    int runners = 2;
  };

  explicit SiteSetup(Options options);

  // Returns the keeper that this host has: systemd if it runs, otherwise supervisord, then cron.
  static Keeper findKeeper(const std::string& root);
  // Returns the keeper of this name, or nothing.
  static std::optional<Keeper> parseKeeper(const std::string& name);

  ManagedFiles& files() { return files_; }
  // Prints the files, the commands and what is left to do.
  void show() const;
  // Writes the files and runs the commands. Returns whether all commands succeeded. Throws SiteFileError.
  bool apply();
  // Stops the programs by the keeper that attach used. Prints what it does.
  static void stopPrograms(const ManagedFiles& files, const std::string& root);
  // Removes all files of attach and lets nginx and the keeper know.
  static void takeBack(ManagedFiles& files, const std::string& root);

 private:
  void addNginx();
  void addKeeper();
  // Returns a template of the installation with the words between @ signs replaced.
  std::string fill(const std::string& name) const;
  bool hasTemplate(const std::string& name) const;
  bool insertInclude() const;

  Options options_;
  ManagedFiles files_;
  std::vector<std::vector<std::string>> commands_;
  std::vector<std::string> remarks_;  // what a person has to do or know
};

}  // namespace taskqueue::command_line
