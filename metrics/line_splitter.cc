#include "metrics/line_splitter.h"

#include <algorithm>
#include <cstring>

namespace qalam::metrics {
namespace {

size_t Find(std::string_view text, char wanted, size_t from) {
  const void* found = std::memchr(text.data() + from, wanted, text.size() - from);
  return found == nullptr ? text.size() : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

void LineSplitter::Feed(std::string_view bytes) {
  fed_ = bytes;
  at_ = 0;
  if (bytes.empty()) return;
  lf_ = Find(fed_, '\n', 0);
  cr_ = Find(fed_, '\r', 0);
}

// Both positions are remembered: searching anew for an LF that is far away would make a chunk of many CRs
// quadratic.
size_t LineSplitter::FindLineEnd() {
  if (lf_ < at_) lf_ = Find(fed_, '\n', at_);
  if (cr_ < at_) cr_ = Find(fed_, '\r', at_);
  return std::min(lf_, cr_);
}

std::optional<Line> LineSplitter::Next() {
  DropReturned();
  if (at_ < fed_.size() && after_cr_) {
    if (fed_[at_] == '\n') ++at_;
    after_cr_ = false;
  }
  if (at_ >= fed_.size()) {
    fed_ = {};
    at_ = 0;
    return std::nullopt;
  }
  const size_t end = FindLineEnd();
  const std::string_view text = fed_.substr(at_, end - at_);
  if (end == fed_.size()) {
    Keep(text);
    fed_ = {};
    at_ = 0;
    return std::nullopt;
  }
  after_cr_ = fed_[end] == '\r';
  at_ = end + 1;
  if (kept_.empty() && text.size() <= kMaxLineBytes) return Line{text, false};
  Keep(text);
  kept_returned_ = true;
  return Line{kept_, cut_};
}

std::optional<Line> LineSplitter::Finish() {
  DropReturned();
  after_cr_ = false;
  if (kept_.empty()) return std::nullopt;
  kept_returned_ = true;
  return Line{kept_, cut_};
}

void LineSplitter::DropReturned() {
  if (!kept_returned_) return;
  kept_.clear();
  cut_ = false;
  kept_returned_ = false;
}

void LineSplitter::Keep(std::string_view bytes) {
  const size_t room = kMaxLineBytes - kept_.size();
  if (bytes.size() > room) cut_ = true;
  kept_.append(bytes.substr(0, room));
}

}  // namespace qalam::metrics
