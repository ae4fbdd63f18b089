#include "workload/fallback_programs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "fmt/format.h"

namespace qalam::workload {
namespace {

constexpr std::string_view kPython = R"(#!/bin/sh
exec python3 "$@"
)";

constexpr std::string_view kTorchrun = R"(#!/usr/bin/env python3
"""Starts processes of one node as torchrun does, on machines that have none."""
import argparse
import os
import signal
import socket
import subprocess
import sys


def number(text):
    return 1 if text in ("auto", "cpu", "gpu") else int(text)


parser = argparse.ArgumentParser(prog="torchrun", allow_abbrev=False)
parser.add_argument("--nproc-per-node", "--nproc_per_node", type=number,
                    default=number(os.environ.get("PET_NPROC_PER_NODE", "1")))
parser.add_argument("--nnodes", default="1")
parser.add_argument("--node-rank", "--node_rank")
parser.add_argument("--rdzv-backend", "--rdzv_backend")
parser.add_argument("--rdzv-endpoint", "--rdzv_endpoint")
parser.add_argument("--rdzv-id", "--rdzv_id")
parser.add_argument("--rdzv-conf", "--rdzv_conf")
parser.add_argument("--max-restarts", "--max_restarts")
parser.add_argument("--master-addr", "--master_addr")
parser.add_argument("--master-port", "--master_port")
parser.add_argument("--standalone", action="store_true")
parser.add_argument("-m", "--module", action="store_true")
parser.add_argument("--no-python", "--no_python", action="store_true")
parser.add_argument("script")
parser.add_argument("arguments", nargs=argparse.REMAINDER)
options = parser.parse_args()
if options.nnodes not in ("1", "1:1"):
    parser.error(f"--nnodes {options.nnodes}: there is one node, this machine")

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = str(free.getsockname()[1])
python = [] if options.no_python else [sys.executable, "-u"] + (["-m"] if options.module else [])
size = str(options.nproc_per_node)
workers = {}
for rank in map(str, range(options.nproc_per_node)):
    environment = {**os.environ, "RANK": rank, "LOCAL_RANK": rank, "GROUP_RANK": "0", "WORLD_SIZE": size,
                   "LOCAL_WORLD_SIZE": size, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    worker = subprocess.Popen([*python, options.script, *options.arguments], env=environment)
    workers[worker.pid] = worker


def pass_on(number, frame):
    for pid in workers:
        try:
            os.kill(pid, number)  # send_signal would take the status that wait() is to get
        except ProcessLookupError:
            pass


for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, pass_on)
result = 0
while workers:
    pid, status = os.wait()
    if workers.pop(pid, None) is None:
        continue
    code = os.waitstatus_to_exitcode(status)
    if code != 0 and result == 0:
        result = code if code > 0 else 128 - code
        pass_on(signal.SIGTERM, None)
sys.exit(result)
)";

absl::Status Failed(std::string_view what, const std::string& path) {
  return absl::UnavailableError(fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

// By rename: another trial may be starting the old one.
absl::Status Write(const std::string& path, std::string_view text) {
  const std::string unfinished = fmt::format("{}.{}", path, getpid());
  {
    std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
    file << text << std::flush;
    if (!file) return Failed("write", unfinished);
  }
  if (chmod(unfinished.c_str(), 0755) != 0) return Failed("make executable", unfinished);
  if (rename(unfinished.c_str(), path.c_str()) != 0) return Failed("write", path);
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteFallbackPrograms(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::UnavailableError(fmt::format("cannot make {}: {}", directory, error.message()));
  QALAM_RETURN_IF_ERROR(Write(directory + "/python", kPython));
  return Write(directory + "/torchrun", kTorchrun);
}

}  // namespace qalam::workload
