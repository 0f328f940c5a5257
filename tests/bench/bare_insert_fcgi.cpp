// The baseline of an enqueue over HTTP: a FastCGI program on descriptor 0, behind the same nginx. It does one
// prepared INSERT per request and nothing else.
//
//   bench-bare-insert DATABASE-SOCKET DATABASE THREADS
#include <fcgiapp.h>
#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <thread>
#include <vector>

#include "tests/bench/bare_insert.h"

namespace {

using namespace taskqueue::bench;

void serve(const BareServer& server) {
  BareConnection connection(server);
  MYSQL_STMT* insert = connection.prepare(kBareInsert);
  FCGX_Request request;
  FCGX_InitRequest(&request, 0, 0);
  while (FCGX_Accept_r(&request) >= 0) {
    const char* length = FCGX_GetParam("CONTENT_LENGTH", request.envp);
    std::string body(length == nullptr ? 0 : std::strtoul(length, nullptr, 10), '\0');
    FCGX_GetStr(body.data(), static_cast<int>(body.size()), request.in);
    run(insert, body);
    FCGX_PutS("Status: 201 Created\r\nContent-Type: application/json\r\n\r\n{\"Id\":1,\"Created\":true}",
              request.out);
    FCGX_Finish_r(&request);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  FCGX_Init();
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGTERM, SIG_DFL);  // libfcgi handles it otherwise
  const BareServer server{argv[1], argv[2]};
  std::vector<std::thread> threads;
  for (int i = 0; i < std::atoi(argv[3]); ++i) {
    threads.emplace_back([&server] {
      try {
        serve(server);
      } catch (const std::exception& error) {
        std::cerr << "bench-bare-insert: " << error.what() << "\n";
        std::_Exit(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return 0;
}
