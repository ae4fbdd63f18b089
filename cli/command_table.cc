#include "cli/command_table.h"

namespace qalam::cli {
namespace {

constexpr std::string_view kForms = "table wide json yaml csv name";

constexpr FlagInfo kOutput = {"--output", 'o', true, kForms, "form of the result"};
constexpr FlagInfo kNoHeaders = {"--no-headers", '\0', false, "", "no column titles"};

constexpr FlagInfo kSuggestion = {"--suggestion", '\0', true, "", "NAME=HOST:PORT, a suggestion service"};
constexpr FlagInfo kEarlyStopping = {"--early-stopping", '\0', true, "",
                                     "NAME=HOST:PORT, an early-stopping service"};

constexpr FlagInfo kGlobal[] = {
    {"--help", 'h', false, "", "help with examples"},
    {"--data-dir", '\0', true, "", "where everything is kept, default ./.qalam"},
    {"--namespace", 'n', true, "", "namespace, default \"default\""},
    {"--quiet", 'q', false, "", "no progress, only results and errors"},
    {"--color", '\0', true, "auto always never", "colours on the terminal"},
};

constexpr FlagInfo kRun[] = {
    {"--objective", '\0', true, "", "max:METRIC or min:METRIC"},
    {"--param", '\0', true, "", "NAME=VALUES, a parameter to search"},
    {"--metric", '\0', true, "", "another metric to record"},
    {"--algorithm", '\0', true,
     "asha auto bayesianoptimization bohb cmaes grid hyperband multivariate-tpe nsga2 pbt random sobol tpe "
     "turbo",
     "how to search"},
    {"--setting", '\0', true, "", "KEY=VALUE, a setting of the algorithm"},
    {"--stop", '\0', true, "asha curve hyperband-stop medianstop patience threshold",
     "rule that stops hopeless trials"},
    {"--stop-setting", '\0', true, "", "KEY=VALUE, a setting of the rule"},
    {"--seed", '\0', true, "", "the same seed gives the same search"},
    {"--max-trials", '\0', true, "", "number of trials"},
    {"--parallel", 'p', true, "", "trials at the same time"},
    {"--timeout", '\0', true, "", "end the session after this time"},
    {"--timeout-per-trial", '\0', true, "", "end a trial after this time"},
    {"--retries", '\0', true, "", "attempts after a trial's first failure"},
    {"--try", '\0', true, "", "NAME=VALUE,..., a point to try first"},
    {"--warm-start", '\0', true, "", "an earlier experiment to learn from"},
    {"--workdir", '\0', true, "", "directory in which trials run"},
    {"--env", '\0', true, "", "KEY=VALUE, a variable for the trials"},
    {"--name", '\0', true, "", "name of the experiment"},
    {"--gpus", '\0', true, "", "GPUs to split over the parallel trials"},
    {"--dry-run", '\0', false, "", "print the Experiment and run nothing"},
    {"--output", 'o', true, "json yaml", "print the Experiment at the end"},
    kSuggestion,
    kEarlyStopping,
};
constexpr FlagInfo kCheck[] = {kSuggestion, kEarlyStopping};
constexpr FlagInfo kConvert[] = {{"--to", '\0', true, "katib optimizationjob", "what to write"}};
constexpr FlagInfo kPlan[] = {
    {"--output", 'o', true, "table json", "form of the result"}, kSuggestion, kEarlyStopping};
constexpr FlagInfo kList[] = {kOutput, kNoHeaders};
constexpr FlagInfo kWhy[] = {{"--output", 'o', true, "text json", "form of the result"}};
constexpr FlagInfo kBest[] = {
    {"--output", 'o', true, "table wide json yaml csv name env args", "form of the result"}};
constexpr FlagInfo kLogs[] = {{"--follow", 'f', false, "", "go on until the trial has finished"}};
constexpr FlagInfo kServe[] = {
    {"--grpc", '\0', true, "", "HOST:PORT to listen on, default 127.0.0.1:6789"},
    {"--http", '\0', true, "", "HOST:PORT of the Kubernetes-style API, default 127.0.0.1:8080"},
    {"--services", '\0', true, "suggestion early-stopping db api", "which services, default all"},
    {"--algorithms", '\0', true, "", "which algorithms suggestion offers"},
    {"--checkpoints", '\0', true, "", "directory for the folders of pbt's trials"},
    {"--retain-observations", '\0', true, "", "forget metrics this long after a trial's last report"},
    {"--max-points-per-trial", '\0', true, "", "refuse reports beyond so many points"},
    {"--workers", '\0', true, "", "threads that compute suggestions"},
    {"--max-queue", '\0', true, "", "calls that may wait"},
    {"--max-message", '\0', true, "", "largest request, e.g. 64MiB"},
    {"--grace", '\0', true, "", "time for calls and trials under way after SIGTERM"},
    {"--keepalive", '\0', true, "", "time between pings on a silent connection"},
    {"--tls-cert", '\0', true, "", "PEM file with the server's certificate"},
    {"--tls-key", '\0', true, "", "PEM file with its private key"},
    {"--tls-client-ca", '\0', true, "", "PEM file of the CAs of clients"},
    {"--token-file", '\0', true, "", "file of bearer tokens"},
    {"--insecure", '\0', false, "", "listen beyond this machine although anybody may call"},
    {"--no-auth", '\0', false, "", "no token is asked for; on 127.0.0.1 only"},
    {"--http-token-file", '\0', true, "", "file of users' tokens"},
    {"--http-policy", '\0', true, "", "YAML file of who may do what"},
    {"--http-host", '\0', true, "", "other names and addresses of this machine"},
    {"--http-origin", '\0', true, "", "sites whose pages may call from a browser"},
    {"--http-audit-log", '\0', true, "", "file that gets a line for each request"},
    {"--http-audit-log-size", '\0', true, "", "size after which a new one begins"},
    {"--http-tls-cert", '\0', true, "", "PEM file with a certificate"},
    {"--http-tls-key", '\0', true, "", "PEM file with its private key"},
    {"--http-client-ca", '\0', true, "", "PEM file of the CAs of clients"},
    {"--gpus", '\0', true, "", "GPUs to split over the parallel trials"},
    kSuggestion,
    kEarlyStopping,
    {"--metrics", '\0', true, "", "HOST:PORT of GET /metrics"},
    {"--service-account", '\0', true, "", "a pod's directory with token, ca.crt and namespace"},
    {"--log-format", '\0', true, "text json", "form of the log"},
    {"--log-level", '\0', true, "debug info warning error off", "what is logged"},
};
constexpr FlagInfo kKubeconfig[] = {
    {"--http", '\0', true, "", "HOST:PORT or URL of the server"},
    {"--user", '\0', true, "", "whose token, default admin"},
    {"--http-token-file", '\0', true, "", "file of users' tokens"},
    {"--certificate-authority", '\0', true, "", "PEM file of who signed the server's certificate"},
};
constexpr FlagInfo kStop[] = {{"--now", '\0', false, "", "end running trials, too"}};
constexpr FlagInfo kImport[] = {
    {"--experiment", '\0', true, "", "the Experiment whose trials the files hold"},
    {"--name", '\0', true, "", "name under which it is stored"}};
constexpr FlagInfo kExport[] = {{"--format", '\0', true, "csv jsonl", "form of the file"}};
constexpr FlagInfo kSuggest[] = {
    {"--file", 'f', true, "", "an Experiment"},
    {"--history", '\0', true, "", "trials so far, CSV or JSON lines"},
    {"--count", '\0', true, "", "number of suggestions"},
    {"--output", 'o', true, "csv json jsonl yaml args", "form of the suggestions"},
    kNoHeaders,
    {"--serve-stdio", '\0', false, "", "ask and tell by lines of JSON"},
    {"--objective", '\0', true, "", "max:METRIC or min:METRIC"},
    {"--param", '\0', true, "", "NAME=VALUES, a parameter to search"},
    {"--metric", '\0', true, "", "another metric"},
    {"--algorithm", '\0', true,
     "asha auto bayesianoptimization bohb cmaes grid hyperband multivariate-tpe nsga2 pbt random sobol tpe "
     "turbo",
     "how to search"},
    {"--setting", '\0', true, "", "KEY=VALUE, a setting of the algorithm"},
    {"--seed", '\0', true, "", "the same seed gives the same search"},
    {"--max-trials", '\0', true, "", "number of trials to come in all"},
    {"--parallel", 'p', true, "", "trials at the same time"},
    {"--name", '\0', true, "", "name of the experiment"},
    kSuggestion,
};
constexpr FlagInfo kBench[] = {
    {"--algorithms", '\0', true, "", "what to measure: random,cmaes(sigma=0.3)"},
    {"--problems", '\0', true, "suite continuous mixed table curves bbob-5 bbob-10", "problems and groups"},
    {"--table", '\0', true, "", "FILE.csv of recorded results, a problem of your own"},
    {"--program", '\0', true, "", "a shell command that prints a number; {NAME}: a parameter"},
    {"--param", '\0', true, "", "NAME=VALUES, a parameter of the program"},
    {"--space", '\0', true, "", "an Experiment whose parameters are the program's"},
    {"--maximize", '\0', false, "", "larger numbers of the program are better"},
    {"--best", '\0', true, "", "the best number the program can print"},
    {"--stop", '\0', true, "", "measure early-stopping rules instead: medianstop,patience(patience=3)"},
    {"--latency", '\0', false, "", "measure the time of one suggestion instead"},
    {"--latency-trials", '\0', true, "", "finished trials while it is measured"},
    {"--list", '\0', false, "", "list the problems there are"},
    {"--seeds", '\0', true, "", "one run for each: 0-9, or 1,4,7"},
    {"--budget", '\0', true, "", "evaluations of a run"},
    {"--batch", '\0', true, "", "parallel workers"},
    {"--batch-mode", '\0', true, "async sync", "whether workers wait for each other"},
    {"--epochs", '\0', true, "", "count epochs instead, on learning curves"},
    {"--from-scratch", '\0', false, "", "there, promoted trials begin again"},
    {"--reference", '\0', true, "", "report how soon others are where this one ends"},
    {"--shift-seed", '\0', true, "", "move every optimum to random places"},
    {"--threads", '\0', true, "", "runs at the same time"},
    {"--output", 'o', true, "", "file of results, resumed"},
    {"--report", '\0', true, "", "folder for REPORT.md and report.html"},
    {"--target-regret", '\0', true, "", "report how soon runs got to this regret"},
    {"--compare", '\0', true, "", "results of others to set beside"},
    {"--service", '\0', true, "", "NAME=HOST:PORT, an outside suggestion service"},
};
constexpr FlagInfo kReplay[] = {
    {"--stop", '\0', true, "", "early-stopping rules: medianstop,patience(patience=3)"},
    {"--algorithm", '\0', true, "", "algorithms: tpe,random"},
    {"--trials", '\0', true, "", "trials of each search"},
    {"--seeds", '\0', true, "", "searches with each algorithm"},
    {"--output", 'o', true, "text json", "form of the result"},
};
constexpr FlagInfo kVersion[] = {{"--output", 'o', true, "text json yaml", "form of the result"}};

constexpr CommandInfo kCommands[] = {
    {"init", Argument::kDirectory, {}, "write a runnable example"},
    {"check", Argument::kFiles, kCheck, "validate files"},
    {"convert", Argument::kFiles, kConvert, "Experiments as OptimizationJobs, or back"},
    {"plan", Argument::kFiles, kPlan, "what a run would do"},
    {"run", Argument::kFiles, kRun, "run or resume an experiment"},
    {"ls", Argument::kNone, kList, "list experiments"},
    {"show", Argument::kExperimentTrial, kList, "one experiment or trial"},
    {"why", Argument::kExperimentTrial, kWhy, "why it hangs, fails or has no metrics"},
    {"best", Argument::kExperiment, kBest, "the best trial"},
    {"logs", Argument::kExperimentTrial, kLogs, "output of a trial"},
    {"import", Argument::kFiles, kImport, "take over trials, or metrics from a dump of Katib's database"},
    {"serve", Argument::kNone, kServe, "serve Experiments to kubectl, and Katib's gRPC contracts"},
    {"kubeconfig", Argument::kNone, kKubeconfig, "what kubectl needs to talk to qalam serve"},
    {"enqueue", Argument::kExperiment, {}, "add a point to try first"},
    {"stop", Argument::kExperiment, kStop, "stop a running experiment"},
    {"export", Argument::kExperiment, kExport, "all trials as a file"},
    {"rm", Argument::kExperiment, {}, "delete an experiment"},
    {"suggest", Argument::kNone, kSuggest, "what to try next, for trials run elsewhere"},
    {"replay", Argument::kExperiment, kReplay, "what others would have done with an experiment"},
    {"bench", Argument::kNone, kBench, "how good and how fast algorithms are"},
    {"version", Argument::kNone, kVersion, "version of the program"},
    {"completion", Argument::kShell, {}, "completion script for a shell"},
};

}  // namespace

std::span<const CommandInfo> AllCommands() { return kCommands; }
std::span<const FlagInfo> GlobalFlags() { return kGlobal; }

}  // namespace qalam::cli
