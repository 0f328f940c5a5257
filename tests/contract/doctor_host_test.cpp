// Makes misconfigurations of the host, and expects that `taskqueue doctor` finds each with the line that
// mends it.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <csignal>
#include <stdexcept>

#include "module/health/space.h"
#include "tests/contract/doctor_site.h"

namespace taskqueue::contract {
namespace {

using test_support::CommandAnswer;
using ::testing::ElementsAre;

// The FastCGI program on a socket, as supervisord starts it.
class FastCgi {
 public:
  FastCgi(const std::string& path, const std::string& configuration) {
    const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(listening, 10) != 0)
      throw std::runtime_error("no socket can be made at " + path);
    ::chmod(path.c_str(), 0660);
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(listening, STDIN_FILENO);
      ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
      ::execl(TASKQUEUE_FCGI, TASKQUEUE_FCGI, "--config", configuration.c_str(), "--end-with-parent",
              nullptr);
      ::_exit(EX_OSERR);
    }
    ::close(listening);
  }
  ~FastCgi() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  FastCgi(const FastCgi&) = delete;
  FastCgi& operator=(const FastCgi&) = delete;

 private:
  pid_t process_ = 0;
};

TEST_F(Doctor, FilesThatOtherUsersCanReadOrChangeAreFound) {
  const auto folder = directory_.string();
  setMode("secret", 0644);
  setMode("client.cnf", 0604);
  setMode("taskqueue.ini", 0646);
  setMode("wake", 0777);
  std::filesystem::permissions(directory_, std::filesystem::perms(0777));
  std::filesystem::remove(path("runners"));
  expectOnly({"problem files " + folder + ": chmod o-w " + folder,
              "problem files " + path("secret") + ": chmod o-rwx " + path("secret"),
              "problem files " + path("client.cnf") + ": chmod o-rwx " + path("client.cnf"),
              "problem files " + ini() + ": chmod o-rwx " + ini(),
              "problem directories " + path("wake") + ": chmod o-w " + path("wake"),
              "problem directories " + path("runners") +
                  ": correct runner.run_directory in the configuration, or make it"});
}

TEST_F(Doctor, AKeeperThatDoesNotWaitForRunsIsFound) {
  configure("drain_seconds=100\n");
  expectOnly("warning stop times " + path("task-runner@.service") +
             ": set TimeoutStopSec=115 there, then: systemctl daemon-reload");
  std::filesystem::create_directories(directory_ / "task-runner@.service.d");
  writeFile("task-runner@.service.d/more.conf", "[Service]\nTimeoutStopSec=2min\n");
  expectWell();
  std::filesystem::remove(path("task-runner@.service"));
  EXPECT_THAT(linesOf(doctor("--json"), {"not_checked"}),
              ::testing::Contains("not_checked stop times " + ini() + ": "));
  writeFile("taskqueue.conf", "[program:task-runner]\ncommand=task-runner --config " + ini() + "\n");
  expectOnly("warning stop times " + path("taskqueue.conf") +
             ": set stopwaitsecs=115 there, then: supervisorctl update");
}

TEST_F(Doctor, RunnersOfAnotherVersionOrWithoutASocketAreFound) {
  run("UPDATE inp_TaskRunners SET Version = '0.0.9'");
  expectOnly("warning runner versions runner 1 on elsewhere: taskqueue restart");
  root_.executeText("UPDATE inp_TaskRunners SET Version = ?, HostName = ?",
                    {TASKQUEUE_VERSION, health::thisHostName()});
  expectOnly("warning sockets " + path("wake") + ": taskqueue restart");
}

TEST_F(Doctor, AProgramThatIsMissingOrOldIsFound) {
  const std::string fix = ": correct worker.php.command in the configuration, or install it";
  configure("[worker.php]\ncommand=" + path("php8.9") + " --bootstrap=" + path("boot.php") + "\n");
  expectOnly("problem programs " + path("php8.9") + fix);
  writeFile("php8.9", "#!/bin/sh\nprintf 7.3.33\n", 0755);
  writeFile("boot.php", "<?php\n");
  expectOnly("problem programs " + path("php8.9") +
             ": name a newer PHP in worker.php.command of the configuration");
  configure("[worker.php]\ncommand=/usr/bin/php --bootstrap=" + path("boot.php") + "\n");
  expectWell();
  std::filesystem::remove(path("boot.php"));
  expectOnly("problem programs " + path("boot.php") + fix);
}

TEST_F(Doctor, PagesThatDoNotAnswerAreFound) {
  const std::string socket = path("fcgi.sock");
  const auto nginx = [&](const std::string& seconds) {
    writeFile("nginx.conf", "  fastcgi_pass unix:" + socket + ";\n  fastcgi_read_timeout " + seconds + ";\n");
  };
  nginx("60s");
  const std::string restart =
      "supervisord: supervisorctl restart taskqueue-fcgi | systemd: systemctl restart taskqueue-fcgi.socket "
      "taskqueue-fcgi";
  expectOnly("problem pages " + socket + ": " + restart);
  const FastCgi program(socket, ini());
  expectWell();
  setMode("fcgi.sock", 0666);
  expectOnly("problem pages " + socket + ": chmod o-rwx " + socket);
  setMode("fcgi.sock", 0660);
  nginx("20s");
  expectOnly("warning pages " + path("nginx.conf") +
             ": set fastcgi_read_timeout 35s; there, then: nginx -s reload");
  nginx("1m");
  configure("[notify]\npages_url=http://127.0.0.1:1/taskqueue/\n");
  expectOnly(
      "problem address http://127.0.0.1:1/taskqueue/healthz: correct notify.pages_url, or see: nginx -t && "
      "tail "
      "/var/log/nginx/error.log");
}

TEST_F(Doctor, WithoutADatabaseItStillChecksFiles) {
  writeFile("client.cnf", "[client]\nsocket=/nowhere\n", 0600);
  setMode("secret", 0644);
  const CommandAnswer answer = doctor("--json");
  EXPECT_EQ(answer.exitStatus, EX_UNAVAILABLE) << answer.output;
  EXPECT_THAT(linesOf(answer, {"problem"}),
              ElementsAre("problem database : systemctl status mariadb",
                          "problem files " + path("secret") + ": chmod o-rwx " + path("secret")));
  EXPECT_EQ(test_support::runShell(std::string(TASKQUEUE_PROGRAM) + " doctor --no-such 2>&1").exitStatus,
            EX_USAGE);
  EXPECT_EQ(
      test_support::runShell(std::string(TASKQUEUE_PROGRAM) + " --config /nowhere doctor 2>&1").exitStatus,
      EX_CONFIG);
}

}  // namespace
}  // namespace taskqueue::contract
