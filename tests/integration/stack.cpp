#include "tests/integration/stack.h"

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "tests/support/eventually.h"

namespace taskqueue::tests {

using test_support::eventually;
using test_support::runShell;
namespace {

constexpr json::Limits kAny{.bytes = 64 << 20, .depth = 100, .members = 10000000};

std::size_t collect(char* data, std::size_t size, std::size_t count, void* to) {
  static_cast<std::string*>(to)->append(data, size * count);
  return size * count;
}

}  // namespace

Stack::Stack(const std::string& home, int port, const std::string& localSettings) : home_(home) {
  std::system(
      (std::string(TASKQUEUE_CHECKOUT) + "/nginx/serve --stop --home " + home + " > /dev/null 2>&1").c_str());
  std::filesystem::remove_all(home);
  std::filesystem::create_directories(home);
  std::ofstream(home + "/local.ini") << localSettings;
  std::filesystem::create_directory(home + "/handlers");
  for (const std::string file :
       {"/handlers.php", "/cms.php", "/template_compiler.php", "/templates", "/bridges"}) {
    std::filesystem::copy(std::string(TASKQUEUE_CHECKOUT) + "/tests/support/php" + file,
                          home + "/handlers" + file, std::filesystem::copy_options::recursive);
  }
  const std::string command = std::string(TASKQUEUE_CHECKOUT) + "/nginx/serve --detach --home " + home +
                              " --port " + std::to_string(port);
  if (std::system(command.c_str()) != 0) throw std::runtime_error("serve failed");
  std::ifstream file(home + "/serve.env");
  for (std::string line; std::getline(file, line);) {
    const auto equals = line.find('=');
    if (equals != std::string::npos && line[0] != '#')
      settings_[line.substr(0, equals)] = line.substr(equals + 1);
  }
  store::ConnectionSettings connection;
  connection.optionFile = home + "/database.cnf";
  connection.database = setting("DB_NAME");
  database_ = std::make_unique<store::Connection>(connection, store::TableNames(setting("TABLE_PREFIX"), ""));
}

Stack::~Stack() {
  std::system((std::string(TASKQUEUE_CHECKOUT) + "/nginx/serve --stop --home " + home_).c_str());
}

HttpAnswer Stack::request(const std::string& method, const std::string& path, const std::string& body,
                          const std::vector<std::string>& headers) const {
  HttpAnswer answer;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  curl_slist* list = nullptr;
  for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
  const std::string url = setting("BASE_URL") + path;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 70L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &collect);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
  if (method == "POST" || method == "PUT") {
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.c_str());
  }
  if (curl_easy_perform(curl.get()) == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    const char* contentType = nullptr;
    curl_easy_getinfo(curl.get(), CURLINFO_CONTENT_TYPE, &contentType);
    answer.contentType = contentType == nullptr ? "" : contentType;
  }
  curl_slist_free_all(list);
  auto parsed = json::read(answer.body, kAny);
  if (auto* document = std::get_if<json::Document>(&parsed)) answer.json = std::move(*document);
  return answer;
}

HttpAnswer Stack::api(const std::string& method, const std::string& path, const std::string& body) const {
  HttpAnswer answer =
      request(method, "/api/v1/" + path, body,
              {"Authorization: Bearer " + setting("API_TOKEN"), "Content-Type: application/json"});
  checkByDocument(method, "api/v1/" + path, answer);
  return answer;
}

HttpAnswer Stack::event(const std::string& name) const {
  HttpAnswer answer =
      request("POST", "/events/" + name, "", {"Authorization: Bearer " + setting("EVENT_SECRET")});
  checkByDocument("POST", "events/" + name, answer);
  return answer;
}

// nginx itself answers while the program is away, so errors of the server are not checked.
void Stack::checkByDocument(const std::string& method, const std::string& path,
                            const HttpAnswer& answer) const {
  if (answer.status == 0 || answer.status >= 500) return;
  const std::lock_guard lock(openApiMutex_);
  if (!openApi_) {
    const HttpAnswer document =
        request("GET", "/api/v1/openapi.json", "", {"Authorization: Bearer " + setting("API_TOKEN")});
    if (document.status != 200) return;
    openApi_ = std::make_unique<test_support::OpenApiChecker>(document.body);
  }
  const auto segments = test_support::segmentsOf('/' + path.substr(0, path.find('?')));
  const std::string difference =
      openApi_->findDifference({method, segments, answer.status, answer.contentType, answer.body});
  if (!difference.empty()) ADD_FAILURE() << difference;
}

HttpAnswer Stack::page(const std::string& path) const {
  return asAdministrator("", path);
}

HttpAnswer Stack::press(const std::string& path, const std::string& action) const {
  const std::string text = page(path).body;
  const std::string before = "name=\"form_token\" value=\"";
  const auto start = text.find(before);
  EXPECT_NE(start, std::string::npos) << text;
  if (start == std::string::npos) return {};
  const auto from = start + before.size();
  const std::string token = text.substr(from, text.find('"', from) - from);
  return asAdministrator("-H 'Sec-Fetch-Site: same-origin' --data-urlencode 'form_token=" + token + "'",
                         path + "/" + action);
}

HttpAnswer Stack::asAdministrator(const std::string& options, const std::string& path) const {
  HttpAnswer answer;
  answer.body = runShell("curl -s -w '\\n%{http_code}' -u " + setting("ADMIN_USER") + ":" +
                         setting("ADMIN_PASSWORD") + " " + options + " '" + setting("BASE_URL") + path + "'")
                    .output;
  const auto line = answer.body.rfind('\n');
  if (line != std::string::npos) {
    answer.status = std::atoi(answer.body.c_str() + line);
    answer.body.erase(line);
  }
  return answer;
}

int Stack::enqueue(const std::string& taskHandlerClass, const std::string& taskData, int maxRetries) const {
  const auto answer = api("POST", "tasks",
                          R"({"TaskHandlerClass":")" + taskHandlerClass + R"(","TaskData":)" + taskData +
                              R"(,"MaxRetries":)" + std::to_string(maxRetries) + "}");
  EXPECT_EQ(answer.status, 201) << answer.body;
  return answer.json.IsObject() && answer.json.HasMember("Id") ? answer.json["Id"].GetInt() : 0;
}

std::string Stack::lastStatus(int taskId) const {
  const auto answer = api("GET", "tasks/" + std::to_string(taskId));
  if (answer.status != 200) return "";
  return answer.json["Task"]["LastStatus"].GetString();
}

std::string Stack::finalStatus(int taskId, std::chrono::seconds limit) const {
  std::string status;
  const bool ended = eventually(
      [&] {
        const auto answer = api("GET", "tasks/" + std::to_string(taskId));
        if (answer.status != 200) return false;
        const auto& task = answer.json["Task"];
        status = task["LastStatus"].GetString();
        return task["NextRunOn"].IsNull() && status != "running" && status != "scheduled";
      },
      limit);
  EXPECT_TRUE(ended) << "task " << taskId << " is still " << status;
  if (status != "success") std::cout << api("GET", "tasks/" + std::to_string(taskId)).body << std::endl;
  return status;
}

json::Document Stack::newestRun(int taskId) const {
  auto answer = api("GET", "tasks/" + std::to_string(taskId));
  json::Document run;
  if (answer.status == 200 && !answer.json["Runs"].Empty()) {
    const auto& runs = answer.json["Runs"];
    run.CopyFrom(runs[runs.Size() - 1], run.GetAllocator());
  }
  return run;
}

std::int64_t Stack::count(const std::string& sql) {
  return database().queryText("SELECT COUNT(*) FROM " + database().names().expand(sql), {}).at(0).integer();
}

std::vector<int> Stack::pidsOfRunners(bool onlyRunning) const {
  std::vector<int> pids;
  const auto answer = api("GET", "runners");
  if (answer.status != 200) return pids;
  for (const auto& runner : answer.json["Runners"].GetArray()) {
    const bool isRunning = std::string(runner["Status"].GetString()) == "running";
    if (isRunning || !onlyRunning) pids.push_back(runner["ProcessId"].GetInt());
  }
  return pids;
}

std::vector<int> Stack::runnerPids() const {
  return pidsOfRunners(/*onlyRunning=*/true);
}

std::vector<int> Stack::allRunnerPids() const {
  return pidsOfRunners(/*onlyRunning=*/false);
}

int Stack::programPid(const std::string& name) const {
  return std::atoi(
      runShell("supervisorctl -c " + setting("SUPERVISOR_CONF") + " pid " + name).output.c_str());
}

CommandAnswer Stack::commandLine(const std::string& arguments) const {
  const std::string home = setting("HOME_DIR");
  return runShell("cd / && runuser -u taskqueue -- " + home + "/program/bin/taskqueue --config " + home +
                  "/taskqueue.ini " + arguments + " 2>&1");
}

void Stack::control(const std::string& command) const {
  runShell("supervisorctl -c " + setting("SUPERVISOR_CONF") + " " + command);
}

}  // namespace taskqueue::tests
