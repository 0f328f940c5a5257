#include "module/web/pages/templates.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "module/platform/secret.h"
#include "module/texts/translated.h"
#include "module/web/log/escape.h"

namespace taskqueue::web {
namespace {

constexpr std::array kPages{
    "layout",        "live",    "problem",  "overview", "tasks",    "confirm",   "task",
    "task_form",     "run",     "new_task", "queues",   "handlers", "schedules", "schedule",
    "schedule_form", "runners", "health",   "errors",   "handler",  "activity",  "api"};
// Limits the inclusions in one page. A template that includes itself exceeds it.
constexpr int kMaxInclusions = 200;

std::string contentOf(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read the template " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string versionOf(const std::string& directory) {
  std::map<std::string, std::string> hashes;  // sorted by file name
  if (std::filesystem::is_directory(directory)) {
    for (const auto& file : std::filesystem::directory_iterator(directory)) {
      if (file.is_regular_file())
        hashes[file.path().filename()] = platform::sha256Hex(contentOf(file.path()));
    }
  }
  std::string all;
  for (const auto& [name, hash] : hashes) all += hash;
  return platform::sha256Hex(all).substr(0, 12);
}

// Reads a template and replaces its inclusions.
std::string withParts(const std::string& directory, const std::string& name) {
  constexpr std::string_view kOpen = "{{> ";
  std::string text = contentOf(directory + "/" + name + ".html");
  for (int included = 0;; ++included) {
    const auto begin = text.find(kOpen);
    if (begin == std::string::npos) return text;
    const auto end = text.find("}}", begin);
    if (end == std::string::npos || included == kMaxInclusions)
      throw std::runtime_error(directory + "/" + name + ".html includes without end");
    const std::string part = text.substr(begin + kOpen.size(), end - begin - kOpen.size());
    text.replace(begin, end + 2 - begin, contentOf(directory + "/" + part + ".html"));
  }
}

}  // namespace

Templates::Templates(const std::string& directory) {
  namespace fs = std::filesystem;
  version_ = versionOf(directory + "/static");
  catalogues_.emplace("en", Catalogue());
  if (fs::is_directory(directory + "/locale")) {
    for (const auto& file : fs::directory_iterator(directory + "/locale")) {
      if (file.path().extension() != ".mo") continue;
      const std::string language = file.path().stem();
      catalogues_.emplace(language, Catalogue(language, file.path()));
    }
  }
  for (const auto& [language, catalogue] : catalogues_) languages_.push_back(language);
  for (const char* name : kPages) {
    const std::string path = directory + "/" + name + ".html";
    const std::string text = withParts(directory, name);
    for (const auto& [language, catalogue] : catalogues_) {
      std::string inLanguage = translated(text, catalogue, path);
      if (kainjow::mustache::mustache parsed(inLanguage); !parsed.is_valid()) {
        throw std::runtime_error(path + " (" + language + "): " + parsed.error_message());
      }
      texts_[{language, name}] = std::move(inLanguage);
    }
  }
}

std::string Templates::render(const std::string& language, const std::string& name,
                              const kainjow::mustache::data& values) const {
  const std::string known = catalogues_.contains(language) ? language : "en";
  // Rendering stores state in the template, so each rendering makes its own.
  kainjow::mustache::mustache form(texts_.at({known, name}));
  form.set_custom_escape([](const std::string& text) { return escaped(text); });
  return form.render(values);
}

Texts Templates::texts(const std::string& language) const {
  const auto found = catalogues_.find(language);
  return Texts(found == catalogues_.end() ? catalogues_.at("en") : found->second);
}

}  // namespace taskqueue::web
