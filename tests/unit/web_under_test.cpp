#include "tests/unit/web_under_test.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "module/json/masking.h"
#include "module/json/task_data.h"
#include "module/platform/secret.h"
#include "module/web/form.h"

namespace taskqueue::web::tests {
namespace {

constexpr const char* kUser = "ada";
// What a short-lived runner prints at its end.
constexpr const char* kSummaryOfRunner =
    R"({"TaskRunnerId":1,"Claimed":0,"Succeeded":0,"Failed":0,"Cancelled":0,"Released":0})";

// Returns the installed templates, with compiled catalogues.
std::string installedTemplates() {
  namespace fs = std::filesystem;
  const fs::path to = fs::temp_directory_path() / ("taskqueue-templates-" + std::to_string(::getpid()));
  const auto options = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
  fs::copy(TASKQUEUE_SOURCE_DIRECTORY "/templates", to, options);
  fs::copy(TASKQUEUE_LOCALE_DIRECTORY, to / "locale", options);
  return to;
}

const std::string& templatesDirectory() {
  struct Place {
    std::string path = installedTemplates();
    ~Place() { std::filesystem::remove_all(path); }
  };
  static const Place place;
  return place.path;
}

// Servers with the same document share what was compiled for it.
std::shared_ptr<test_support::OpenApiChecker> checkerOf(const std::string& document) {
  static std::map<std::string, std::shared_ptr<test_support::OpenApiChecker>> all;
  auto& known = all[document];
  if (!known) known = std::make_shared<test_support::OpenApiChecker>(document);
  return known;
}

}  // namespace

WebUnderTest::WebUnderTest(const std::function<void(platform::Configuration&)>& change) {
  configuration_.web.sensitiveMembers = {{"", json::usualSensitiveMembers()}, {"Mail", {"recipient"}}};
  configuration_.web.apiTokenSha256 = {platform::sha256Hex("the api token")};
  configuration_.web.eventSecretSha256 = {platform::sha256Hex("the event secret")};
  configuration_.web.nginxSecretSha256 = {platform::sha256Hex("the secret of nginx")};
  configuration_.web.cmsEvents = {"*"};
  if (change) change(configuration_);
  templates_ = std::make_unique<Templates>(templatesDirectory());
  authorizer_ = std::make_unique<Authorizer>(configuration_.web);
  QueueDependencies dependencies;
  dependencies.checkTaskData = [](std::string_view, std::string_view) { return std::vector<InputError>(); };
  dependencies.runOneStandalone = [](const std::function<int()>& countMissing) {
    const bool mayRun = !countMissing || countMissing() > 0;
    return mayRun ? std::string(kSummaryOfRunner) : std::string();
  };
  dependencies.startRunners = [](const auto&) { return 0; };
  queue_ = std::make_unique<TaskQueue>(store_.roles(), dependencies, RescuePolicy{}, leaseWatch_);
  const auto noProblem = [] { return std::optional<std::string>(); };
  const auto wake = [] {};
  const auto wakeFor = [](std::span<const int>) {};
  api_ =
      std::make_unique<Api>(Api::Dependencies{store_.roles(), *queue_, configuration_, noProblem, wakeFor});
  pages_ = std::make_unique<Pages>(
      Pages::Dependencies{store_.roles(), *queue_, *api_, *templates_, *authorizer_, configuration_, wake});
  application_ = std::make_unique<Application>(store_.tasks, store_.audit, *api_, *pages_, *authorizer_,
                                               responseCache_, configuration_.web);
  openApi_ = checkerOf(std::get<Response>(api_->openApi({})).body);
}

Response WebUnderTest::answer(Request request) {
  Response response = application_->handle(request);
  const std::string difference = openApi_->findDifference(
      {request.method, request.path, response.status, response.contentType, response.body});
  if (!difference.empty()) ADD_FAILURE() << difference;
  return response;
}

Request WebUnderTest::get(const std::string& target, const std::string& role) const {
  const auto read = readTarget(configuration_.web.basePath + target, configuration_.web.basePath);
  if (!read) throw std::logic_error("no target: " + target);
  Request request;
  request.method = "GET";
  request.path = read->path;
  request.query = read->query;
  request.addressProblem = read->problem;
  request.user = kUser;
  request.role = role;
  request.webServerSecret = "the secret of nginx";
  request.host = "site.example";
  return request;
}

Request WebUnderTest::post(const std::string& target, const std::string& form,
                           const std::string& role) const {
  Request request = get(target, role);
  request.method = "POST";
  request.fetchSite = "same-origin";
  request.body = "form_token=" + authorizer_->formTokenFor(kUser) + (form.empty() ? "" : "&" + form);
  return request;
}

Request WebUnderTest::callApi(const std::string& method, const std::string& target,
                              const std::string& body) const {
  Request request = get(target, "");
  request.method = method;
  request.user.clear();
  request.authorization = "Bearer the api token";
  request.contentType = "application/json";
  request.body = body;
  return request;
}

int addRun(test_support::FakeStore& store, int taskQueueId, RunStatus status, const std::string& text) {
  const int id = store.tables.runs.empty() ? 1 : store.tables.runs.rbegin()->first + 1;
  auto& row = store.tables.runs[id];
  row.run.id = id;
  row.run.taskQueueId = taskQueueId;
  row.run.attempt = 1;
  row.run.status = status;
  row.run.startedOn = store.clock.now();
  if (!isOpen(status)) row.run.finishedOn = store.clock.now();
  row.run.progressNote = text;
  row.run.errorCode = isFailure(status) ? text : "";
  row.run.errorMessage = isFailure(status) ? text : "";
  row.standardOutput = text;
  row.errorOutput = text;
  row.run.standardOutputBytes = static_cast<std::int64_t>(text.size());
  row.run.errorOutputBytes = static_cast<std::int64_t>(text.size());
  return id;
}

}  // namespace taskqueue::web::tests
