#include "module/texts/catalogue.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace taskqueue {
namespace {

// The gettext manual describes the format in "The Format of GNU MO Files". A file has seven words of four
// bytes, then two tables of lengths and offsets: one for the originals and one for the translations. msgfmt
// uses the byte order of its machine, which is little-endian on all supported machines.
constexpr std::uint32_t kMagic = 0x950412de;

class MoFile {
 public:
  MoFile(std::string bytes, const std::string& path) : bytes_(std::move(bytes)), path_(path) {
    if (word(0) != kMagic) refuse();
  }

  std::uint32_t count() const { return word(8); }
  std::string_view original(std::uint32_t index) const { return entry(word(12), index); }
  std::string_view translation(std::uint32_t index) const { return entry(word(16), index); }

 private:
  [[noreturn]] void refuse() const { throw std::runtime_error(path_ + " is not a catalogue of msgfmt"); }

  std::uint32_t word(std::size_t offset) const {
    if (bytes_.size() < 4 || offset > bytes_.size() - 4) refuse();
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes_[offset + i]);
    return value;
  }

  std::string_view entry(std::size_t table, std::size_t index) const {
    const std::size_t length = word(table + 8 * index);
    const std::size_t offset = word(table + 8 * index + 4);
    if (offset > bytes_.size() || length > bytes_.size() - offset) refuse();
    return std::string_view(bytes_).substr(offset, length);
  }

  std::string bytes_;
  const std::string& path_;
};

std::vector<std::string> splitAtNul(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find('\0');
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Catalogue::Catalogue(std::string language, const std::string& path) : language_(std::move(language)) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read the catalogue " + path);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  const MoFile mo(bytes.str(), path);
  for (std::uint32_t i = 0; i < mo.count(); ++i) {
    const auto original = splitAtNul(mo.original(i)).front();  // the plural follows the NUL
    if (!original.empty()) forms_[original] = splitAtNul(mo.translation(i));
  }
}

std::string_view Catalogue::of(std::string_view english) const {
  const auto found = forms_.find(english);
  return found == forms_.end() ? english : std::string_view(found->second.front());
}

std::string_view Catalogue::ofNumber(std::string_view one, std::string_view many, std::int64_t number) const {
  const auto found = forms_.find(one);
  const std::size_t form = pluralForm(language_, number);
  if (found == forms_.end() || form >= found->second.size()) return std::abs(number) == 1 ? one : many;
  return found->second[form];
}

std::size_t pluralForm(std::string_view language, std::int64_t number) {
  const std::int64_t n = std::abs(number);
  if (language != "ru") return n == 1 ? 0 : 1;
  const bool isTeen = n % 100 >= 11 && n % 100 <= 14;
  if (n % 10 == 1 && !isTeen) return 0;
  return n % 10 >= 2 && n % 10 <= 4 && !isTeen ? 1 : 2;
}

}  // namespace taskqueue
