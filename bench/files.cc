#include "bench/files.h"

#include <fmt/format.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace qalam::bench {
namespace {

absl::StatusOr<std::string> Unpack(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return absl::UnavailableError(fmt::format("{}: cannot be read", path));
  std::string text, buffer(1 << 16, '\0');
  int count = 0;
  while ((count = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0)
    text.append(buffer, 0, static_cast<size_t>(count));
  const bool whole = count == 0 && gzclose(file) == Z_OK;
  if (!whole) return absl::InvalidArgumentError(fmt::format("{}: is not a whole gzip file", path));
  return text;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return absl::NotFoundError(fmt::format("{}: no such file", path));
  if (path.ends_with(".gz")) return Unpack(path);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || file.bad()) return absl::UnavailableError(fmt::format("{}: cannot be read", path));
  return std::move(text).str();
}

absl::Status ReplaceFile(const std::string& path, std::string_view text) {
  const std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(draft, path, error);
  if (!file || error) {
    const std::string reason = error ? error.message() : std::strerror(errno);
    std::filesystem::remove(draft, error);
    return absl::UnavailableError(fmt::format("{}: cannot be written: {}", path, reason));
  }
  return absl::OkStatus();
}

}  // namespace qalam::bench
