#include "tests/bench/bare_insert.h"

#include <memory>
#include <thread>
#include <vector>

#include "tests/bench/measurement.h"

namespace taskqueue::bench {

double insertBare(const BareServer& server, int connections, std::chrono::duration<double> time) {
  std::vector<std::unique_ptr<BareConnection>> all;
  for (int i = 0; i < connections; ++i) all.push_back(std::make_unique<BareConnection>(server));
  std::vector<int> inserted(all.size());
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < all.size(); ++i) {
      threads.emplace_back([&, i] {
        MYSQL_STMT* insert = all[i]->prepare(kBareInsert);
        for (; Clock::now() - start < time; ++inserted[i]) run(insert, kTaskData);
      });
    }
  }
  const double elapsed = secondsSince(start);
  int sum = 0;
  for (const int one : inserted) sum += one;
  return sum / elapsed;
}

double insertBareRows(const BareServer& server, int rows, std::chrono::duration<double> time) {
  BareConnection connection(server);
  const std::string pattern = kBareInsert;
  const auto values = pattern.find("VALUES ") + std::string("VALUES ").size();
  std::string row = pattern.substr(values);
  row.replace(row.find('?'), 1, connection.quoted(kTaskData));
  std::string statement = pattern.substr(0, values);
  for (int i = 0; i < rows; ++i) statement += (i == 0 ? "" : ",") + row;
  int inserted = 0;
  const auto start = Clock::now();
  for (; Clock::now() - start < time; inserted += rows) connection.say(statement);
  return inserted / secondsSince(start);
}

}  // namespace taskqueue::bench
