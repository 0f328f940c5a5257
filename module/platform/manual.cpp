#include "module/platform/manual.h"

#include <string_view>
#include <vector>

namespace taskqueue::platform {
namespace {

std::vector<const CLI::App*> commandsOf(const CLI::App& app) {
  const auto all = app.get_subcommands([](const CLI::App*) { return true; });
  return {all.begin(), all.end()};
}

std::vector<const CLI::Option*> optionsOf(const CLI::App& app) {
  std::vector<const CLI::Option*> shown;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) shown.push_back(option);
  }
  return shown;
}

bool takesValue(const CLI::Option& option) {
  return option.get_expected_max() != 0;
}

// Returns the names as they are typed: "-h", "--help".
std::vector<std::string> namesOf(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::string withDefault(const CLI::Option& option) {
  const std::string value = option.get_default_str();
  return option.get_description() + (value.empty() ? "" : " (default: " + value + ")");
}

std::string escapedFor(std::string_view special, const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// A text within the single quotes of a shell.
std::string quoted(const std::string& text) {
  std::string to = "'";
  for (const char c : text) to += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return to + "'";
}

std::string roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  const bool looksLikeRequest = escaped.starts_with('.') || escaped.starts_with('\'');
  return (looksLikeRequest ? "\\&" : "") + escaped;
}

void writeRoffOptions(std::string& page, const CLI::App& app) {
  for (const CLI::Option* option : optionsOf(app)) {
    std::string head;
    for (const std::string& name : namesOf(*option))
      head += (head.empty() ? "" : ", ") + ("\\fB" + roff(name) + "\\fR");
    if (head.empty()) head = "\\fI" + roff(option->get_name(true)) + "\\fR";
    if (takesValue(*option) && !namesOf(*option).empty())
      head += " \\fI" + roff(option->get_type_name()) + "\\fR";
    page += ".TP\n" + head + "\n" + roff(withDefault(*option)) +
            (option->get_required() ? " (required)" : "") + "\n";
  }
}

std::string words(const CLI::App& app) {
  std::string all;
  for (const CLI::App* command : commandsOf(app)) all += (all.empty() ? "" : " ") + command->get_name();
  for (const CLI::Option* option : optionsOf(app)) {
    for (const std::string& name : namesOf(*option)) all += (all.empty() ? "" : " ") + name;
  }
  return all;
}

std::string zshArguments(const CLI::App& app) {
  std::string text = "_arguments";
  for (const CLI::Option* option : optionsOf(app)) {
    for (const std::string& name : namesOf(*option)) {
      const std::string about = "[" + escapedFor("[]:\\", withDefault(*option)) + "]";
      text += " " + quoted(name + about + (takesValue(*option) ? ":value:_files" : ""));
    }
  }
  return text + " '*:argument:_files'";
}

}  // namespace

std::string manualPage(const CLI::App& app, const std::string& name) {
  const std::string section = name == "taskqueue" ? "1" : "8";
  const std::string about = app.get_description();
  std::string summary = about.substr(0, about.find_first_of(".:"));
  std::string page = ".TH " + name + " " + section + " \"\" \"TaskQueue " TASKQUEUE_VERSION "\"\n.SH NAME\n" +
                     name + " \\- " + roff(summary) + "\n.SH SYNOPSIS\n.B " + name + "\n[\\fIoptions\\fR]" +
                     (commandsOf(app).empty() ? "" : " \\fIcommand\\fR [\\fIarguments\\fR]") +
                     "\n.SH DESCRIPTION\n" + roff(about) + "\n.SH OPTIONS\n";
  writeRoffOptions(page, app);
  if (!commandsOf(app).empty()) page += ".SH COMMANDS\n";
  for (const CLI::App* command : commandsOf(app)) {
    page += ".SS " + command->get_name() + "\n" + roff(command->get_description()) + "\n";
    writeRoffOptions(page, *command);
    for (const CLI::App* second : commandsOf(*command)) {
      page += ".PP\n\\fB" + command->get_name() + " " + second->get_name() +
              "\\fR: " + roff(second->get_description()) + "\n";
      writeRoffOptions(page, *second);
    }
  }
  return page +
         ".SH FILES\n.TP\n.I /etc/taskqueue/taskqueue.ini\nThe configuration. \\fBtaskqueue attach\\fR "
         "writes it, "
         "and \\fBtaskqueue settings\\fR\nlists all settings.\n"
         ".SH SEE ALSO\n.BR taskqueue (1),\n.BR task\\-runner (8),\n.BR taskqueue\\-fcgi (8)\n";
}

std::string bashCompletion(const CLI::App& app, const std::string& name) {
  std::string function = "_" + name;
  for (char& c : function) c = c == '-' ? '_' : c;
  std::string script = "# Completion of " + name + " for bash, made by the program.\n" + function +
                       "() {\n  local current=${COMP_WORDS[COMP_CWORD]} word= words=\n"
                       "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case $word in\n";
  for (const CLI::App* command : commandsOf(app))
    script += "      " + command->get_name() + ") words=" + quoted(words(*command)) + "; break ;;\n";
  return script + "    esac\n  done\n  [[ -n $words ]] || words=" + quoted(words(app)) +
         "\n  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n}\n"
         "complete -o default -o bashdefault -F " +
         function + " " + name + "\n";
}

std::string zshCompletion(const CLI::App& app, const std::string& name) {
  std::string script = "#compdef " + name + "\n# Made by the program.\n";
  if (commandsOf(app).empty()) return script + zshArguments(app) + "\n";
  script += "local -a commands=(\n";
  for (const CLI::App* command : commandsOf(app)) {
    const std::string about = escapedFor(":\\", command->get_description());
    script += "  " + quoted(command->get_name() + ":" + about) + "\n";
  }
  script += ")\nif (( CURRENT == 2 )); then\n  _describe command commands\n  " + zshArguments(app) +
            "\n  return\nfi\nlocal command=$words[2]\nshift words\n(( CURRENT-- ))\ncase $command in\n";
  for (const CLI::App* command : commandsOf(app))
    script += "  " + command->get_name() + ") " + zshArguments(*command) + " ;;\n";
  return script + "  *) _files ;;\nesac\n";
}

}  // namespace taskqueue::platform
