#include "module/web/run_files.h"

#include <algorithm>

#include "module/web/api.h"

namespace taskqueue::web {
namespace {

// Makes the name safe for a header.
std::string fileName(const std::string& name) {
  std::string safe = name;
  std::replace_if(
      safe.begin(), safe.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-' && c != '_'; }, '_');
  return safe;
}

bool fitsAHeader(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

Answer listRunFiles(TaskStore& tasks, const Request& request) {
  const auto id = parseId(request);
  if (!id || !tasks.findRun(*id)) return notFound("run");
  json::Writer to;
  to.startObject().key("Files").startArray();
  for (const RunFile& file : tasks.filesOfRun(*id)) {
    to.startObject().member("Name", file.name).member("ContentType", file.contentType);
    to.member("Bytes", file.bytes).endObject();
  }
  to.endArray().endObject();
  return answer(to);
}

Answer sendRunFile(TaskStore& tasks, const Request& request) {
  const auto id = parseId(request);
  if (!id || !tasks.findRun(*id)) return notFound("run");
  const auto name = request.parameters.find("Name");
  if (name == request.parameters.end()) return notFound("file");
  const auto files = tasks.filesOfRun(*id);
  const auto file =
      std::find_if(files.begin(), files.end(), [&](const RunFile& one) { return one.name == name->second; });
  auto content = file == files.end() ? std::nullopt : tasks.readRunFile(*id, file->name);
  if (!content) return notFound("file");
  Response response;
  const bool isKnownType = !file->contentType.empty() && fitsAHeader(file->contentType);
  response.contentType = isKnownType ? file->contentType : "application/octet-stream";
  response.headers = {{"Content-Disposition", "attachment; filename=\"run-" + std::to_string(*id) + "-" +
                                                  fileName(file->name) + "\""},
                      {"Content-Security-Policy", "default-src 'none'; sandbox"}};
  response.body = std::move(*content);
  return response;
}

}  // namespace taskqueue::web
