#include "tests/contract/contract_test.h"

namespace taskqueue::contract {

Contract::Contract() : world_(makeStore(GetParam())) {}

void Contract::TearDown() {
  if (hostileRows_) return;
  for (const std::string& line : world_->brokenInvariants()) ADD_FAILURE() << line;
}

int Contract::add(const NewTask& task) {
  return store().tasks.insertTasks(std::span(&task, 1), std::nullopt).tasks.at(0).id;
}

int Contract::addRunner(const std::vector<std::string>& classes) {
  NewRunner runner;
  runner.identity = {.processId = 1000 + ++processes_,
                     .hostName = "host",
                     .bootId = "boot",
                     .pidNamespace = 1,
                     .processStartTicks = 100 + processes_};
  runner.version = "test";
  runner.queues = {"default"};
  runner.slots = 4;
  std::vector<HandlerDeclaration> handlers;
  for (const std::string& name : classes)
    handlers.push_back({.taskHandlerClass = name, .kind = "cpp", .dataSchema = ""});
  return store().runners.registerRunner(runner, handlers);
}

int Contract::runner() {
  if (!runner_) runner_ = addRunner();
  return *runner_;
}

SyncRequest Contract::syncOf(int runnerId, int claimLimit, const std::vector<std::string>& classes) {
  SyncRequest request;
  request.taskRunnerId = runnerId;
  request.claimLimit = claimLimit;
  request.queues = {"default"};
  request.handlers = classes;
  return request;
}

std::vector<int> Contract::claimedTasks(int limit) {
  std::vector<int> ids;
  for (const ClaimedRun& run : claim(limit)) ids.push_back(run.owned.taskQueueId);
  return ids;
}

ClaimedRun Contract::claimOne() {
  auto claimed = claim(1);
  if (claimed.size() != 1) throw std::logic_error("no task was due");
  return claimed.front();
}

RunEnd Contract::endOf(const ClaimedRun& run, RunStatus status) {
  RunEnd end;
  end.owned = run.owned;
  end.status = status;
  if (isFailure(status)) end.errorCode = "broke";
  return end;
}

SyncResult Contract::finish(const RunEnd& end) {
  SyncRequest request = syncOf(runner(), 0);
  request.ends = {end};
  return store().runners.sync(request);
}

SyncResult Contract::release(const ClaimedRun& run, std::int64_t delaySeconds) {
  SyncRequest request = syncOf(runner(), 0);
  request.releases = {{run.owned, delaySeconds}};
  return store().runners.sync(request);
}

SyncResult Contract::report(const ClaimedRun& run, int percents, const std::string& note) {
  SyncRequest request = syncOf(runner(), 0);
  request.progress = {{run.owned, percents, note}};
  return store().runners.sync(request);
}

SyncResult Contract::write(const OutputChunk& chunk) {
  SyncRequest request = syncOf(runner(), 0);
  request.output = {chunk};
  return store().runners.sync(request);
}

OutputChunk Contract::chunkOf(const ClaimedRun& run, std::int64_t position, const std::string& content,
                              OutputStream stream) {
  OutputChunk chunk;
  chunk.owned = run.owned;
  chunk.stream = stream;
  chunk.position = position;
  chunk.content = content;
  return chunk;
}

int Contract::addFailed(std::int64_t delaySeconds) {
  const int id = add();
  RunEnd end = endOf(claimOne(), RunStatus::Error);
  end.retryDelaySeconds = delaySeconds;
  finish(end);
  return id;
}

Task Contract::task(int id) {
  return store().tasks.findTask(id).value();
}

Run Contract::run(int id) {
  return store().tasks.findRun(id).value();
}

std::vector<RunStatus> Contract::statusesOfRuns(int taskId) {
  std::vector<RunStatus> statuses;
  for (const Run& each : store().tasks.runsOfTask(taskId)) statuses.push_back(each.status);
  return statuses;
}

std::string Contract::output(int runId, OutputStream stream) {
  constexpr std::int64_t kAll = 1 << 20;
  return store().tasks.readOutput(runId, stream, 0, kAll).value().content;
}

}  // namespace taskqueue::contract
