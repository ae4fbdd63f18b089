#include "http/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

#include "absl/strings/match.h"

namespace qalam::http {
namespace {

constexpr int kRawDeflate = -MAX_WBITS;
constexpr int kGzipFormat = MAX_WBITS + 16;
constexpr int kMemory = 8;  // zlib's default
// Below, copying is many times as fast and one packet or two either way.
constexpr std::size_t kSmallPiece = 8 << 10;
constexpr std::size_t kStep = 64 << 10;     // bytes by which a text grows that is being inflated
constexpr std::size_t kMaxStored = 0xFFFF;  // bytes of a stored block
static_assert(kSmallPiece <= kMaxStored);

// A compressor has some 260 KB, so every thread has one and not every text.
class Deflater {
 public:
  Deflater() { deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kRawDeflate, kMemory, Z_DEFAULT_STRATEGY); }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // Appends whole bytes of blocks, none of them the last one, that refer to nothing before them.
  void Append(std::string_view text, std::string& out) {
    deflateReset(&stream_);
    const std::size_t before = out.size();
    out.resize(before + deflateBound(&stream_, text.size()) + 16);  // the flush is not in the bound
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream_.avail_out = static_cast<uInt>(out.size() - before);
    deflate(&stream_, Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out);
  }

 private:
  z_stream stream_{};
};

void AppendStored(std::string_view text, std::string& out) {
  const auto size = static_cast<std::uint16_t>(text.size());
  const auto inverse = static_cast<std::uint16_t>(~size);
  for (const int byte : {0, size & 0xFF, size >> 8, inverse & 0xFF, inverse >> 8}) {
    out += static_cast<char>(byte);
  }
  out += text;
}

void AppendNumber(std::uint32_t number, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift);
}

// An empty stored block. Some readers (Go's) hand out what they have read only when one comes.
constexpr std::string_view kSync("\x00\x00\x00\xff\xff", 5);

std::string_view Trim(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const std::string_view item = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(item.size() + 1, accept_encoding.size()));
    const std::size_t end = std::min(item.find(';'), item.size());
    const std::string_view name = Trim(item.substr(0, end));
    if (!absl::EqualsIgnoreCase({name.data(), name.size()}, "gzip")) continue;
    const std::size_t quality = item.find("q=", end);
    // "0", "0.", "0.000" refuse; anything else asks for more or less of it.
    return quality == std::string_view::npos ||
           Trim(item.substr(quality + 2)).find_first_not_of("0.") != std::string_view::npos;
  }
  return false;
}

std::string GzipStream::Prefix() {
  if (begun_) return "";
  begun_ = true;
  // Deflate, no name, no time, fastest, from anywhere.
  return {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff", 10};
}

std::string GzipStream::Add(std::string_view piece) {
  std::string out = Prefix();
  checksum_ = static_cast<std::uint32_t>(
      crc32_z(checksum_, reinterpret_cast<const Bytef*>(piece.data()), piece.size()));
  size_ += static_cast<std::uint32_t>(piece.size());
  if (piece.size() < kSmallPiece) {
    AppendStored(piece, out);
    out += kSync;
  } else {
    thread_local Deflater deflater;
    constexpr std::size_t kMaxStep = 1 << 30;  // zlib counts in 32 bits
    for (; !piece.empty(); piece.remove_prefix(std::min(kMaxStep, piece.size()))) {
      deflater.Append(piece.substr(0, kMaxStep), out);
    }
  }
  return out;
}

std::string GzipStream::Finish() {
  std::string out = Prefix();
  out += std::string_view("\x03\x00", 2);  // an empty last block
  AppendNumber(checksum_, out);
  AppendNumber(size_, out);
  return out;
}

std::string Gzip(std::string_view text) {
  GzipStream stream;
  std::string out = stream.Add(text);
  out += stream.Finish();
  return out;
}

absl::StatusOr<std::string> Gunzip(std::string_view compressed, std::size_t max_size) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipFormat) != Z_OK) return absl::ResourceExhaustedError("no memory to inflate");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    // One byte beyond the limit tells whether there is more.
    text.resize(std::min(before + kStep, max_size + 1));
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + before);
    stream.avail_out = static_cast<uInt>(text.size() - before);
    const int result = inflate(&stream, Z_NO_FLUSH);
    text.resize(text.size() - stream.avail_out);
    if (text.size() > max_size) {
      return absl::ResourceExhaustedError(fmt::format("the text has more than {} bytes", max_size));
    }
    if (result == Z_STREAM_END && stream.avail_in == 0) return text;
    if (result == Z_STREAM_END) return absl::InvalidArgumentError("there is something after the gzip text");
    if (result != Z_OK) {
      return absl::InvalidArgumentError(
          fmt::format("not a gzip text: {}", stream.msg != nullptr ? stream.msg : "it is cut off"));
    }
  }
}

}  // namespace qalam::http
