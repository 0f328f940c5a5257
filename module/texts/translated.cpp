#include "module/texts/translated.h"

#include <stdexcept>

namespace taskqueue {

std::string translated(const std::string& text, const Catalogue& catalogue, const std::string& path) {
  constexpr std::string_view kOpen = "{{#t}}";
  constexpr std::string_view kClose = "{{/t}}";
  std::string to;
  std::size_t from = 0;
  while (true) {
    const auto begin = text.find(kOpen, from);
    to.append(text, from, begin - from);
    if (begin == std::string::npos) return to;
    const auto end = text.find(kClose, begin);
    if (end == std::string::npos) throw std::runtime_error(path + ": a {{#t}} has no end");
    to += catalogue.of(text.substr(begin + kOpen.size(), end - begin - kOpen.size()));
    from = end + kClose.size();
  }
}

}  // namespace taskqueue
