#include "module/web/pages/run_page.h"

#include <algorithm>

#include "module/web/api.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/values.h"

namespace taskqueue::web {
namespace {

constexpr std::int64_t kOutputShown = 64 << 10;  // the end of each stream

}  // namespace

using kainjow::mustache::data;
using List = kainjow::mustache::data;

Answer RunPage::show(const Request& request) {
  const auto id = idOf(request);
  const auto run = id ? store_.findRun(*id) : std::nullopt;
  if (!run) return notFound("run");
  data values;
  describe(values, *run);
  for (const auto& [stream, name, bytes] :
       {std::tuple(OutputStream::StandardOutput, "StandardOutput", run->standardOutputBytes),
        std::tuple(OutputStream::ErrorOutput, "ErrorOutput", run->errorOutputBytes)}) {
    // While it runs the row does not tell how much there is, the output itself does.
    const auto measured = isOpen(run->status) ? store_.readOutput(*id, stream, INT64_MAX, 1) : std::nullopt;
    const std::int64_t total = measured ? measured->totalBytes : bytes;
    const std::int64_t from = std::max<std::int64_t>(0, total - kOutputShown);
    const auto slice = store_.readOutput(*id, stream, from, kOutputShown);
    values.set(name, slice ? slice->content : "");
    values.set(std::string(name) + "Size", bytesText(slice ? slice->totalBytes : 0));
    values.set(std::string(name) + "Note",
               from > 0 ? "the last " + bytesText(kOutputShown) + " of " + bytesText(total) : "");
    values.set(std::string("has") + name, data(slice && !slice->content.empty()));
  }
  return frame_.page(request, "run", "Run " + std::to_string(*id), values);
}

}  // namespace taskqueue::web
