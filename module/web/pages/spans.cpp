#include "module/web/pages/spans.h"

#include <algorithm>

namespace taskqueue::web {

using kainjow::mustache::data;

const LongSpan* longSpanNamed(const std::string& word) {
  const auto found = std::find_if(kLongSpans.begin(), kLongSpans.end(),
                                  [&](const LongSpan& span) { return word == span.word; });
  return found == kLongSpans.end() ? nullptr : &*found;
}

void setSpans(data& to, const LongSpan& chosen, const Parameters& others, const Texts& say) {
  const std::array texts{say.text("day"), say.text("week"), say.text("30 days"), say.text("400 days")};
  data spans(data::type::list);
  for (std::size_t i = 0; i < kLongSpans.size(); ++i) {
    Parameters parameters{{"span", kLongSpans.at(i).word}};
    parameters.insert(parameters.end(), others.begin(), others.end());
    data one;
    one.set("query", writeQuery(parameters));
    one.set("text", texts.at(i));
    one.set("current", data(&kLongSpans.at(i) == &chosen));
    spans.push_back(one);
  }
  to.set("spans", spans);
}

void setBars(data& to, const std::vector<std::int64_t>& values, const std::string& label) {
  constexpr std::int64_t kHeight = 24;
  constexpr int kStep = 5;  // width of a bar and the gap behind it
  const std::int64_t most = values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  data bars(data::type::list);
  int x = 0;
  for (const std::int64_t value : values) {
    const std::int64_t height =
        most == 0 ? 0 : std::max<std::int64_t>(value > 0 ? 2 : 0, value * kHeight / most);
    data bar;
    bar.set("x", std::to_string(x));
    bar.set("y", std::to_string(kHeight - height));
    bar.set("height", std::to_string(height));
    bars.push_back(bar);
    x += kStep;
  }
  to.set("bars", bars);
  to.set("barsWidth", std::to_string(std::max(x, kStep)));
  to.set("barsLabel", label);
}

}  // namespace taskqueue::web
