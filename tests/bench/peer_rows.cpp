#include <sstream>

#include "tests/bench/rows.h"

namespace taskqueue::bench {
namespace {

constexpr int kPeerRowsRunners = 2;

struct Peer {
  std::string name;
  std::vector<std::string> command;  // PROGRAM SCRIPT; then SOCKET DATABASE JOBS WORKERS are appended
};

// Runs the script of a peer: it fills its queue, lets its workers empty it, and prints jobs per second. The
// time counts from the first start of a handler to the last.
double drainPeer(Stack& stack, const Peer& peer, int jobs) {
  std::vector<std::string> command = peer.command;
  for (const std::string& word :
       {stack.bare().socket, stack.bare().database, std::to_string(jobs), std::to_string(kPeerRowsRunners)}) {
    command.push_back(word);
  }
  std::istringstream said(outputOf(command));
  double rate = 0;
  if (!(said >> rate)) throw std::runtime_error(peer.name + " says: " + said.str());
  return rate;
}

}  // namespace

void addPeerRows(Stack& stack, const Sizes& sizes, Table& table) {
  const std::string scripts = stack.checkout() + "/tests/bench/peers/";
  const std::vector<Peer> peers{{"Symfony Messenger", {"php", scripts + "symfony.php"}},
                                {"Laravel's database queue", {"php", scripts + "laravel.php"}},
                                {"graphile-worker in batches", {"node", scripts + "graphile.js"}}};
  for (const Peer& peer : peers) {
    Figure figure{.row = "drain " + std::to_string(sizes.drainTasks) + " tasks, 2 runners, beside 2 workers",
                  .unit = "tasks/s",
                  .baselineName = peer.name};
    for (int i = 0; i < sizes.repetitions; ++i) {
      stack.stopRunners();
      figure.baseline.push_back(drainPeer(stack, peer, sizes.peerTasks));
      stack.startRunners(kPeerRowsRunners);
      figure.ours.push_back(stack.drain(sizes.drainTasks, "Noop"));
    }
    table.add(std::move(figure));
  }
}

}  // namespace taskqueue::bench
