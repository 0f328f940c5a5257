#include "module/platform/configuration_sections.h"

#include "module/platform/setting_kinds.h"

namespace taskqueue::platform {

RunnerConfiguration readRunner(SettingsFile& file) {
  RunnerConfiguration to;
  to.program = absolutePath(file, "runner.program");
  to.runDirectory = absolutePath(file, "runner.run_directory");
  to.wakeDirectory = absolutePath(file, "runner.wake_directory");
  if (to.wakeDirectory.empty()) to.wakeDirectory = to.runDirectory;
  to.pluginsDirectory = absolutePath(file, "runner.plugins_directory");
  to.slots = static_cast<int>(file.number("runner.slots", to.slots, 1, kMaxSlots));
  to.queues = file.words("runner.queues", to.queues);
  if (to.queues.empty()) file.refuse("runner.queues", "must name one queue at least");
  for (const std::string& queue : to.queues) {
    if (!isQueueName(queue)) file.refuse("runner.queues", std::string(kQueueNameRule) + ", each of them");
  }
  to.drainLimit = secondsOf(file, "runner.drain_seconds", to.drainLimit, 0);
  to.killGrace = secondsOf(file, "runner.kill_grace_seconds", to.killGrace, 0);
  to.heartbeat = millisecondsOf(file, "runner.heartbeat_milliseconds", to.heartbeat);
  to.lease = secondsOf(file, "runner.lease_seconds", to.lease, 3);
  to.peerCheck = secondsOf(file, "runner.peer_check_seconds", to.peerCheck);
  to.flush = millisecondsOf(file, "runner.flush_milliseconds", to.flush);
  to.pollBusy = millisecondsOf(file, "runner.poll_busy_milliseconds", to.pollBusy);
  to.pollIdle = millisecondsOf(file, "runner.poll_idle_milliseconds", to.pollIdle);
  to.probe = millisecondsOf(file, "runner.probe_milliseconds", to.probe);
  to.timeLimit = secondsOf(file, "runner.time_limit_seconds", to.timeLimit);
  to.poolsWait = secondsOf(file, "runner.pools_wait_seconds", to.poolsWait, 0);
  to.workerOwner = ownerOf(file, "runner.worker_user");
  to.handlerOwner = ownerOf(file, "runner.handler_user");
  to.logRuns = file.number("runner.log_runs", 1, 0, 1) == 1;
  to.outputHeadBytes = file.number("runner.output_head_bytes", to.outputHeadBytes, 1024, 4 << 20);
  to.outputTailBytes = file.number("runner.output_tail_bytes", to.outputTailBytes, 1024, 4 << 20);
  if (to.lease < 3 * to.heartbeat) {
    file.refuse("runner.lease_seconds", "must be at least three heartbeats");
  }
  return to;
}

}  // namespace taskqueue::platform
