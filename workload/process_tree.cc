#include "workload/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace qalam::workload {
namespace {

// "pid (name) state ppid pgrp session ..."; the name may hold anything, parentheses and blanks too.
bool ReadStat(int proc, const char* pid_text, ProcessInfo& info) {
  char path[64], text[512];
  std::snprintf(path, sizeof(path), "%s/stat", pid_text);
  const int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t size = read(fd, text, sizeof(text) - 1);
  close(fd);
  if (size <= 0) return false;
  text[size] = '\0';
  const char* end_of_name = std::strrchr(text, ')');
  int parent = 0, group = 0, session = 0;
  if (end_of_name == nullptr ||
      std::sscanf(end_of_name + 1, " %*c %d %d %d", &parent, &group, &session) != 3) {
    return false;
  }
  info = {static_cast<pid_t>(std::atoi(pid_text)), parent, session};
  return true;
}

}  // namespace

std::vector<ProcessInfo> ListProcesses() {
  std::vector<ProcessInfo> result;
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return result;
  while (const dirent* entry = readdir(proc)) {
    ProcessInfo info;
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && ReadStat(dirfd(proc), entry->d_name, info)) {
      result.push_back(info);
    }
  }
  closedir(proc);
  return result;
}

std::vector<pid_t> Descendants(const std::vector<ProcessInfo>& processes, pid_t root) {
  std::vector<pid_t> found{root};
  for (size_t i = 0; i < found.size(); ++i) {
    const pid_t parent = found[i];
    for (const ProcessInfo& info : processes) {
      // A process that was read twice while it changed parents must not be followed twice.
      if (info.parent == parent && std::find(found.begin(), found.end(), info.pid) == found.end()) {
        found.push_back(info.pid);
      }
    }
  }
  found.erase(found.begin());
  return found;
}

int SignalDescendants(pid_t root, int signal) {
  int reached = 0;
  for (const pid_t pid : Descendants(ListProcesses(), root)) reached += kill(pid, signal) == 0;
  return reached;
}

}  // namespace qalam::workload
