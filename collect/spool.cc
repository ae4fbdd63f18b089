#include "collect/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

namespace qalam::collect {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSegmentSuffix = ".points";
constexpr std::int64_t kMaxRecordBytes = std::int64_t{64} << 20;  // no writer makes longer ones
constexpr int kVersion = 1;

// Before each record on disk, in the byte order of the machine: a spool is read where it was written.
struct RecordHeader {
  std::uint32_t size = 0, checksum = 0, points = 0;
};

struct StateFile {
  std::int64_t head = 0, batch_end = 0;
};

std::uint32_t Checksum(std::string_view bytes, std::uint32_t points) {
  const uLong start = crc32(0, reinterpret_cast<const Bytef*>(&points), sizeof(points));
  return static_cast<std::uint32_t>(
      crc32_z(start, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

absl::Status SystemError(const std::string& path) {
  return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(errno)));
}

absl::Status WriteAt(int fd, std::string_view bytes, std::int64_t position, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd, bytes.data(), bytes.size(), position);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(path);
    bytes.remove_prefix(static_cast<size_t>(written));
    position += written;
  }
  return absl::OkStatus();
}

std::string FileNameOf(std::string_view trial) {
  std::string name(trial.substr(0, 100));
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '_';
  }
  return name;
}

absl::StatusOr<std::string> NewId() {
  std::array<std::uint64_t, 2> random{};
  if (getrandom(random.data(), sizeof(random), 0) != sizeof(random)) return SystemError("getrandom");
  return fmt::format("{:016x}{:016x}", random[0], random[1]);
}

absl::Status Lock(int fd, const std::string& directory) {
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  if (errno == EWOULDBLOCK) {
    return absl::AbortedError(fmt::format("{}: the process that writes it still runs", directory));
  }
  return SystemError(directory);
}

}  // namespace

std::string Spool::SegmentPath(std::int64_t start) const {
  return fmt::format("{}/{:016x}{}", directory_, start, kSegmentSuffix);
}

absl::StatusOr<std::unique_ptr<Spool>> Spool::Create(const std::string& parent, const SpoolInfo& info,
                                                     std::int64_t limit_bytes) {
  std::error_code error;
  fs::create_directories(parent, error);
  std::string directory = fmt::format("{}/qalam-collect-{}-XXXXXX", parent, FileNameOf(info.trial));
  if (mkdtemp(directory.data()) == nullptr) return SystemError(parent);
  std::unique_ptr<Spool> spool(new Spool(info));
  spool->directory_ = directory;
  spool->limit_bytes_ = limit_bytes;
  QALAM_ASSIGN_OR_RETURN(spool->id_, NewId());
  const std::string state = directory + "/state";
  spool->state_ = FileDescriptor(open(state.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!spool->state_.is_open()) return SystemError(state);
  QALAM_RETURN_IF_ERROR(Lock(spool->state_.get(), directory));
  const std::string path = directory + "/spool.json";
  std::ofstream file(path);
  file << nlohmann::json{{"version", kVersion},
                         {"id", spool->id_},
                         {"trial", info.trial},
                         {"server", info.server}}
              .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)
       << "\n";
  file.close();
  if (!file) {
    const absl::Status failure = SystemError(path);
    spool->Remove();
    return failure;
  }
  spool->WriteState();
  return spool;
}

std::unique_ptr<Spool> Spool::InMemory(const SpoolInfo& info) {
  std::unique_ptr<Spool> spool(new Spool(info));
  spool->id_ = NewId().value_or(fmt::format("{}", getpid()));
  return spool;
}

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(const std::string& directory) {
  std::ifstream file(directory + "/spool.json");
  if (!file) return absl::NotFoundError(fmt::format("{}: not a spool of qalam-collect", directory));
  const auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (!json.is_object() || json.value("version", nlohmann::json()) != kVersion || text("id").empty()) {
    return absl::DataLossError(fmt::format("{}/spool.json: not readable as version {}", directory, kVersion));
  }
  std::unique_ptr<Spool> spool(new Spool({text("trial"), text("server")}));
  spool->directory_ = directory;
  spool->id_ = text("id");
  const std::string path = directory + "/state";
  spool->state_ = FileDescriptor(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!spool->state_.is_open()) return SystemError(path);
  QALAM_RETURN_IF_ERROR(Lock(spool->state_.get(), directory));

  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() != kSegmentSuffix) continue;
    const std::int64_t start = std::strtoll(entry.path().stem().c_str(), nullptr, 16);
    const auto size = static_cast<std::int64_t>(entry.file_size(error));
    if (!error) spool->segments_[start] = start + size;
  }
  if (error) return absl::UnavailableError(fmt::format("{}: {}", directory, error.message()));
  if (spool->segments_.empty()) return spool;
  spool->tail_ = spool->segments_.rbegin()->second;
  StateFile state;
  if (pread(spool->state_.get(), &state, sizeof(state), 0) == sizeof(state)) {
    spool->head_ = std::clamp<std::int64_t>(state.head, 0, spool->tail_);
    spool->batch_end_ = std::clamp<std::int64_t>(state.batch_end, spool->head_, spool->tail_);
  }
  spool->head_ = std::max(spool->head_, spool->segments_.begin()->first);
  return spool;
}

Spool::~Spool() = default;

absl::Status Spool::Append(std::string_view record, std::int64_t points) {
  if (directory_.empty()) return AppendToMemory(record, points, absl::OkStatus());
  if (memory_.empty()) {
    disk_fault_ = AppendToDisk(record, points);
    if (disk_fault_.ok() || absl::IsResourceExhausted(disk_fault_)) {
      return std::exchange(disk_fault_, absl::OkStatus());
    }
  }
  return AppendToMemory(record, points, disk_fault_);
}

absl::Status Spool::AppendToMemory(std::string_view record, std::int64_t points, const absl::Status& reason) {
  const auto size = static_cast<std::int64_t>(record.size());
  if (memory_bytes_ + size > kMemoryBytes) {
    return absl::ResourceExhaustedError(fmt::format("{} bytes wait in memory{}{}", memory_bytes_,
                                                    reason.ok() ? "" : "; ", MessageOf(reason)));
  }
  memory_.push_back({std::string(record), points});
  memory_bytes_ += size;
  return absl::OkStatus();
}

absl::Status Spool::AppendToDisk(std::string_view record, std::int64_t points) {
  if (tail_ - head_ + static_cast<std::int64_t>(record.size()) > limit_bytes_) {
    return absl::ResourceExhaustedError(
        fmt::format("{}: {} bytes wait in it, the limit is {}", directory_, tail_ - head_, limit_bytes_));
  }
  if (!writing_.is_open() || tail_ - segments_.rbegin()->first >= kSegmentBytes)
    QALAM_RETURN_IF_ERROR(Roll());
  const RecordHeader header{static_cast<std::uint32_t>(record.size()),
                            Checksum(record, static_cast<std::uint32_t>(points)),
                            static_cast<std::uint32_t>(points)};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  bytes += record;
  const auto& [start, end] = *segments_.rbegin();
  if (absl::Status failure = WriteAt(writing_.get(), bytes, tail_ - start, SegmentPath(start));
      !failure.ok()) {
    [[maybe_unused]] const int cut = ftruncate(writing_.get(), tail_ - start);  // of what was written
    return failure;
  }
  tail_ += static_cast<std::int64_t>(bytes.size());
  segments_.rbegin()->second = tail_;
  return absl::OkStatus();
}

absl::Status Spool::Roll() {
  const std::string path = SegmentPath(tail_);
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.is_open()) return SystemError(path);
  writing_ = std::move(file);
  segments_[tail_] = tail_;
  return absl::OkStatus();
}

std::optional<Batch> Spool::Next() {
  if (!given_) given_ = NextFromDisk();
  if (!given_) given_ = NextFromMemory();
  return given_;
}

std::optional<Batch> Spool::NextFromDisk() {
  while (head_ < tail_) {
    auto segment = std::prev(segments_.upper_bound(head_));
    if (head_ >= segment->second) {  // ended early, or there is a gap
      segment = std::next(segment);
      if (segment == segments_.end()) break;
      head_ = batch_end_ = segment->first;
    }
    const auto [start, end] = *segment;
    // A batch that was given out before a crash is given out again as it was.
    const bool again = batch_end_ > head_ && batch_end_ <= end;
    Batch batch;
    std::int64_t read_to = head_;
    if (ReadFrom(head_, again ? batch_end_ : end, start, batch, read_to)) {
      batch.id = fmt::format("{}-{:x}", id_, head_);
      batch_end_ = read_to;
      WriteState();
      return batch;
    }
    damaged_bytes_ += end - head_;
    head_ = batch_end_ = end;
  }
  return std::nullopt;
}

// False when there is not one whole record.
bool Spool::ReadFrom(std::int64_t begin, std::int64_t end, std::int64_t start, Batch& batch,
                     std::int64_t& read_to) {
  FileDescriptor opened;
  const bool is_last = writing_.is_open() && start == segments_.rbegin()->first;
  if (!is_last) opened = FileDescriptor(open(SegmentPath(start).c_str(), O_RDONLY | O_CLOEXEC));
  const int fd = is_last ? writing_.get() : opened.get();
  while (read_to < end) {
    RecordHeader header;
    if (pread(fd, &header, sizeof(header), read_to - start) != sizeof(header)) break;
    const std::int64_t size = header.size, record_end = read_to + std::int64_t{sizeof(header)} + size;
    if (size > kMaxRecordBytes || record_end > end) break;
    if (read_to > begin && (static_cast<std::int64_t>(batch.bytes.size()) + size > kBatchBytes ||
                            batch.points + header.points > kBatchPoints)) {
      break;
    }
    const size_t old_size = batch.bytes.size();
    batch.bytes.resize(old_size + header.size);
    char* const record = batch.bytes.data() + old_size;
    if (pread(fd, record, header.size, read_to - start + std::int64_t{sizeof(header)}) != size ||
        Checksum({record, header.size}, header.points) != header.checksum) {
      batch.bytes.resize(old_size);
      break;
    }
    batch.points += header.points;
    read_to = record_end;
  }
  return read_to > begin;
}

std::optional<Batch> Spool::NextFromMemory() {
  if (memory_.empty()) return std::nullopt;
  Batch batch;
  batch.id = fmt::format("{}-m{}", id_, ++memory_batches_);
  for (const MemoryRecord& record : memory_) {
    const auto size = static_cast<std::int64_t>(batch.bytes.size() + record.bytes.size());
    if (given_from_memory_ > 0 && (size > kBatchBytes || batch.points + record.points > kBatchPoints)) break;
    batch.bytes += record.bytes;
    batch.points += record.points;
    ++given_from_memory_;
  }
  return batch;
}

void Spool::Acknowledge() {
  given_.reset();
  if (given_from_memory_ > 0) {
    for (; given_from_memory_ > 0; --given_from_memory_) {
      memory_bytes_ -= static_cast<std::int64_t>(memory_.front().bytes.size());
      memory_.pop_front();
    }
    if (memory_.empty()) disk_fault_ = absl::OkStatus();
    return;
  }
  head_ = batch_end_;
  WriteState();
  DropDoneSegments();
}

void Spool::DropDoneSegments() {
  while (segments_.size() > 1 && segments_.begin()->second <= head_) {
    unlink(SegmentPath(segments_.begin()->first).c_str());
    segments_.erase(segments_.begin());
  }
}

// Overwrites 16 bytes that are there: it needs no room on the disk.
void Spool::WriteState() {
  const StateFile state{head_, batch_end_};
  [[maybe_unused]] const ssize_t written = pwrite(state_.get(), &state, sizeof(state), 0);
}

std::int64_t Spool::points_in_memory() const {
  std::int64_t points = 0;
  for (const MemoryRecord& record : memory_) points += record.points;
  return points;
}

void Spool::Sync() {
  for (const auto& [start, end] : segments_) {
    const FileDescriptor segment(open(SegmentPath(start).c_str(), O_RDONLY | O_CLOEXEC));
    if (segment.is_open()) fdatasync(segment.get());
  }
  if (state_.is_open()) fdatasync(state_.get());
}

void Spool::Remove() {
  if (directory_.empty()) return;
  std::error_code error;
  fs::remove_all(directory_, error);
}

}  // namespace qalam::collect
