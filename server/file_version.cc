#include "server/file_version.h"

#include <fmt/format.h>
#include <sys/stat.h>

namespace qalam::server {

std::string FileVersion(const std::string& path) {
  struct stat file;
  if (stat(path.c_str(), &file) != 0) return "";
  return fmt::format("{} {} {} {}.{}", file.st_dev, file.st_ino, file.st_size, file.st_mtim.tv_sec,
                     file.st_mtim.tv_nsec);
}

}  // namespace qalam::server
