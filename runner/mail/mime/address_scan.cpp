#include "runner/mail/mime/address_scan.h"

namespace taskqueue::mail {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view list) { scan_.text = list; }

  AddressScan run() {
    for (at_ = 0; at_ < scan_.text.size() && scan_.problem.empty(); ++at_) take(scan_.text[at_]);
    if (!scan_.problem.empty()) return scan_;
    if (isQuoted_) scan_.problem = "a quote is not closed";
    if (comments_ > 0) scan_.problem = "a comment is not closed";
    if (isInAngle_) scan_.problem = "'<' is not closed";
    if (isInGroup_) scan_.problem = "a group is not closed by ';' (a name with a colon stands in quotes)";
    endElement();
    return scan_;
  }

 private:
  void take(char c) {
    const bool isText = isQuoted_ || comments_ > 0;
    if (c == '\\' && isText) {
      ++at_;
    } else if (isQuoted_) {
      isQuoted_ = c != '"';
    } else if (c == '(') {
      ++comments_;
      hasComment_ = true;
    } else if (comments_ > 0) {
      comments_ -= c == ')' ? 1 : 0;
    } else {
      takeMark(c);
    }
  }

  // Handles a character outside quotes and comments.
  void takeMark(char c) {
    const bool isSeparator = c == ',' || c == ';' || c == ':';
    if (isInAngle_ && (isSeparator || c == '<')) {
      scan_.problem = std::string("'") + c + "' stands between '<' and '>'";
    } else if (isSeparator) {
      separate(c);
    } else if (c == '>' && !isInAngle_) {
      scan_.problem = "'>' has no '<'";
    } else if (c != ' ' && c != '\t') {
      isEmpty_ = false;
      isQuoted_ = c == '"';
      isInAngle_ = c == '<' || (isInAngle_ && c != '>');
      hasAngle_ = hasAngle_ || isInAngle_;
    }
  }

  void separate(char c) {
    if (c == ':') {
      if (isInGroup_ || isEmpty_) scan_.problem = "':' begins no group here";
      isInGroup_ = true;
      isEmpty_ = true;  // the group's name is not an element
      return;
    }
    endElement();
    if (c == ',') return;
    if (!isInGroup_) scan_.text[at_] = ',';
    isInGroup_ = false;
  }

  void endElement() {
    scan_.elements += isEmpty_ ? 0 : 1;
    scan_.commentBesideName = scan_.commentBesideName || (hasComment_ && hasAngle_);
    isEmpty_ = true;
    hasComment_ = hasAngle_ = false;
  }

  AddressScan scan_;
  std::size_t at_ = 0;
  int comments_ = 0;  // number of open comments
  bool isQuoted_ = false;
  bool isInAngle_ = false;
  bool isInGroup_ = false;
  bool isEmpty_ = true;  // true while the current element has no characters
  bool hasComment_ = false;
  bool hasAngle_ = false;
};

}  // namespace

AddressScan scanAddresses(std::string_view list) {
  return Scanner(list).run();
}

}  // namespace taskqueue::mail
