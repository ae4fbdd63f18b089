// The commands that only look: ls, show, best, logs, export. Each returns the program's exit code.
// Data goes to streams.out and errors, as "qalam: ..." lines, to streams.err.
#pragma once

#include <string>

#include "cli/output.h"
#include "cli/read_store.h"
#include "cli/streams.h"

namespace qalam::cli {

/// qalam ls
struct LsOptions {
  std::string namespace_name = "default";  // -n, --namespace
  OutputOptions output;                    // -o, --no-headers
};
/// Experiments by name. No experiments at all is no error; a hint goes to streams.err.
int RunLs(const LsOptions& options, const ReadStore& store, Streams& streams);

/// qalam show NAME [TRIAL]
struct ShowOptions {
  std::string namespace_name = "default";
  std::string name;      // of the experiment; NAME/TRIAL works too
  std::string trial;     // full name, or the part after "NAME-"; empty: the experiment
  OutputOptions output;  // json and yaml: the resource itself; csv and name: the trials
};
/// An experiment: state in words, counts, best, what early stopping saved and risked (json and yaml: in an annotation),
/// conditions, and its trials. A trial: parameters, metrics,
/// conditions, message, files, and its command line.
int RunShow(const ShowOptions& options, const ReadStore& store, Streams& streams);

/// qalam best NAME
struct BestOptions {
  std::string namespace_name = "default";
  std::string name;
  std::string format = "table";  // -o table, wide, json, yaml, csv, name, env or args
};
/// The optimal trial: json and yaml print the Trial itself, name its name, env lines for eval, args the
/// arguments for a command line. Exit code 6 when no trial has succeeded yet.
int RunBest(const BestOptions& options, const ReadStore& store, Streams& streams);

/// qalam logs NAME/TRIAL
struct LogsOptions {
  std::string namespace_name = "default";
  std::string target;   // NAME/TRIAL
  bool follow = false;  // -f, --follow: until the trial has finished
  int stop_fd = -1;  // readable once the user wants to leave (a signalfd, a pipe); the trial is not touched
};
/// The trial's whole output, as it was written. With `follow` the trial is looked up again and again; leaving
/// early is exit code 0, because nothing is wrong.
int RunLogs(const LogsOptions& options, const ReadStore& store, Streams& streams);

/// qalam export NAME
struct ExportOptions {
  std::string namespace_name = "default";
  std::string name;
  std::string format = "csv";  // --format csv or jsonl
};
/// csv: one row per trial: trial,status,start,end,duration_seconds, the parameters, the metrics (by their
/// strategies). A parameter or metric whose name is taken already is written "parameter.NAME" or
/// "metric.NAME". jsonl: one object per trial: the same, with min, max and latest of each metric and the
/// curve.
int RunExport(const ExportOptions& options, const ReadStore& store, Streams& streams);

}  // namespace qalam::cli
