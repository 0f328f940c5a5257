#include "runner/handlers/permission_cache/category_permission_cache.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>

#include "module/json/writer.h"
#include "module/store/database/named_lock.h"
#include "runner/handlers/permission_cache/permission_tables.h"
#include "runner/handlers/run_fence.h"
#include "runner/handlers/task_data.h"

namespace taskqueue::handlers {
namespace {

using store::Connection;
using store::NamedLock;
using store::Transaction;

constexpr const char* kPermissionCacheSchema =
    R"({"type":"object","properties":{"CategoryId":{"type":"integer","minimum":0,"maximum":2147483647}},)"
    R"("additionalProperties":false})";

constexpr int kMaxPasses = 5;  // rounds that apply changes made in the CMS while the shadow table was filled
constexpr int kPercentsToFill = 95;  // the rest is for the swap
constexpr std::chrono::milliseconds kSwapPause{200};

class Rebuild {
 public:
  Rebuild(TaskRun& run, const platform::PermissionCacheConfiguration& configuration, Connection& connection)
      : run_(run),
        configuration_(configuration),
        connection_(connection),
        fence_(connection, run),
        tables_(connection, configuration) {}

  void rebuildAll() {
    tables_.check(false);
    takeLock();
    tables_.dropLeftovers();
    replaceCache();
    catchUp();
    categories_ = state_.tree.order().size();
    detached_ = state_.tree.detached();
    rows_ = 0;
    for (const int category : state_.tree.order()) {
      rows_ += static_cast<std::int64_t>(state_.tree.rightsOf(category).size());
    }
    tell(std::nullopt);
  }

  void rebuildBelow(int category) {
    tables_.check(true);
    takeLock();
    tables_.dropLeftovers();
    lookAgain();
    const std::vector<int> before = state_.tree.below(category);
    if (before.empty()) {
      throw GiveUp("category_missing", "there is no category " + std::to_string(category) +
                                           " below Home; rebuild the whole cache to drop what is left of it");
    }
    Transaction transaction(connection_);
    // Writers of these rows wait from now on, so the next read is final.
    tables_.remove(tables_.cache(), before);
    lookAgain();
    const std::vector<int> categories = state_.tree.below(category);
    tables_.remove(tables_.cache(), without(categories, before));
    rows_ = tables_.write(tables_.cache(), state_.tree, categories,
                          [&](std::size_t done) { report(done, categories.size(), kPercentsToFill); });
    categories_ = categories.size();
    detached_ = state_.tree.detached();
    stopIfAsked();
    fence_.confirm();
    transaction.commit();
    tell(category);
  }

 private:
  // The settings in the CMS's tables, and the permissions that follow from them.
  struct State {
    PermissionRows rows;
    PermissionTree tree;
  };

  // Updates state_ from the tables. Returns the categories whose permissions have changed.
  std::vector<int> lookAgain() {
    PermissionRows rows = tables_.read();
    if (rows == state_.rows) return {};
    PermissionTree tree(rows, configuration_.homeCategory);
    std::vector<int> changed = changedBetween(state_.tree, tree);
    state_ = {std::move(rows), std::move(tree)};
    return changed;
  }

  static std::vector<int> without(const std::vector<int>& all, const std::vector<int>& some) {
    const std::unordered_set<int> left(some.begin(), some.end());
    std::vector<int> rest;
    for (const int one : all) {
      if (!left.contains(one)) rest.push_back(one);
    }
    return rest;
  }

  void takeLock() {
    using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
    const std::string word = connection_.names().prefix() + " permission cache";
    for (auto waited = 0s; waited < configuration_.lockWait; ++waited) {
      stopIfAsked();
      lock_.emplace(connection_, word, 1s);
      if (lock_->wasTaken()) return;
    }
    std::cout << "another rebuild is under way; this one is put off" << std::endl;
    throw Snooze(configuration_.busyDelay);
  }

  void replaceCache() {
    try {
      fillShadow();
      swapIn();
    } catch (...) {
      dropShadow();
      throw;
    }
    tables_.dropLeftovers();
  }

  void fillShadow() {
    tables_.makeShadow();
    lookAgain();
    const auto& all = state_.tree.order();
    tables_.write(tables_.shadow(), state_.tree, all, [&](std::size_t done) {
      report(done, all.size(), kPercentsToFill);
      stopIfAsked();
    });
    for (auto changed = lookAgain(); !changed.empty() && passes_ <= kMaxPasses; changed = lookAgain()) {
      makeUpFor(changed, tables_.shadow());
      stopIfAsked();
    }
    tables_.analyzeShadow();
  }

  // A CMS transaction that was open during the swap has written into the former cache.
  void catchUp() {
    if (!tables_.rollsBack()) return catchUpWhole();
    const auto changed = lookAgain();
    if (changed.empty()) return;
    Transaction transaction(connection_);
    makeUpFor(changed, tables_.cache());
    fence_.confirm();
    transaction.commit();
  }

  // Without transactions readers would miss rows between DELETE and INSERT. The cache is rebuilt and swapped
  // again instead.
  void catchUpWhole() {
    for (auto changed = lookAgain(); !changed.empty(); changed = lookAgain()) {
      if (++passes_ > kMaxPasses) {
        std::cout << "the permissions change all the time; the cache is behind by the last changes"
                  << std::endl;
        return;
      }
      std::cout << changed.size() << " categories have changed meanwhile; the cache is made once more"
                << std::endl;
      replaceCache();
    }
  }

  void makeUpFor(const std::vector<int>& changed, const std::string& table) {
    ++passes_;
    std::cout << changed.size() << " categories have changed meanwhile" << std::endl;
    tables_.remove(table, changed);
    std::vector<int> present;
    for (const int category : changed) {
      if (state_.tree.contains(category)) present.push_back(category);
    }
    tables_.write(table, state_.tree, present, [](std::size_t) {});
  }

  void swapIn() {
    for (int number = 1;; ++number) {
      stopIfAsked();
      fence_.confirm();
      if (!lock_->isHeldStill()) {
        throw TaskError("database", "the session that held the lock has ended; the rebuild begins again");
      }
      if (tables_.swap()) return;
      if (number == configuration_.swapTries) {
        throw TaskError("cache_in_use", "readers have held " + tables_.cache() + " at each of " +
                                            std::to_string(number) +
                                            " tries to swap it; look for a transaction that does not end");
      }
      run_.setProgress(kPercentsToFill, "waiting for readers of the cache");
      std::this_thread::sleep_for(kSwapPause);
    }
  }

  void dropShadow() {
    try {
      if (lock_ && lock_->isHeldStill()) tables_.dropLeftovers();
    } catch (const StoreError&) {  // the next run drops them
    }
  }

  void stopIfAsked() { run_.stopIfAsked("the cache is as it was"); }

  void report(std::size_t done, std::size_t all, int percents) {
    run_.setProgress(static_cast<int>(percents * done / std::max<std::size_t>(all, 1)),
                     std::to_string(done) + " of " + std::to_string(all) + " categories");
  }

  void tell(std::optional<int> category) {
    const auto took = std::chrono::steady_clock::now() - startedAt_;
    const double seconds = static_cast<double>(took / std::chrono::milliseconds(1)) / 1000.0;
    std::cout << categories_ << " categories, " << rows_ << " rows" << std::endl;
    if (detached_ > 0) {
      std::cout << detached_ << " categories do not hang below Home: nobody may do anything there"
                << std::endl;
    }
    json::Writer results;
    results.startObject();
    if (category) results.member("CategoryId", *category);
    results.member("Categories", categories_).member("Rows", rows_).member("Detached", detached_);
    if (!category) results.member("Passes", passes_);
    run_.setResults(results.member("Seconds", seconds).endObject().text());
    run_.setProgress(100, std::to_string(categories_) + " categories");
  }

  TaskRun& run_;
  const platform::PermissionCacheConfiguration& configuration_;
  Connection& connection_;
  RunFence fence_;
  PermissionTables tables_;
  State state_{{}, PermissionTree({}, 0)};  // as last read
  std::optional<NamedLock> lock_;
  std::chrono::steady_clock::time_point startedAt_ = std::chrono::steady_clock::now();
  std::size_t categories_ = 0;
  std::size_t detached_ = 0;
  std::int64_t rows_ = 0;
  int passes_ = 1;
};

class CategoryPermissionCache : public ITaskHandler {
 public:
  CategoryPermissionCache(platform::PermissionCacheConfiguration configuration,
                          store::ConnectionSettings settings, store::TableNames names)
      : configuration_(std::move(configuration)), settings_(std::move(settings)), names_(std::move(names)) {}

  void handleTaskRun(TaskRun& run) override {
    const json::Document data = dataOf(run);
    const auto category = json::integerMember(data, "CategoryId");
    try {
      Connection connection(settings_, names_);
      Rebuild rebuild(run, configuration_, connection);
      if (category) {
        rebuild.rebuildBelow(static_cast<int>(*category));
      } else {
        rebuild.rebuildAll();
      }
    } catch (const StoreError& error) {
      throw TaskError("database", error.what());
    }
  }

 private:
  platform::PermissionCacheConfiguration configuration_;
  store::ConnectionSettings settings_;
  store::TableNames names_;
};

}  // namespace

HandlerEntry makeCategoryPermissionCache(const platform::PermissionCacheConfiguration& configuration,
                                         store::ConnectionSettings settings, store::TableNames names) {
  HandlerEntry entry;
  entry.taskHandlerClass = "CategoryPermissionCache";
  entry.dataSchema = kPermissionCacheSchema;
  entry.handler =
      std::make_unique<CategoryPermissionCache>(configuration, std::move(settings), std::move(names));
  return entry;
}

}  // namespace taskqueue::handlers
