// qalam: hyperparameter tuning in one binary. This file only wires flags to the commands.
#include <fmt/format.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>

#include "absl/time/clock.h"
#include "cli/bench_command.h"
#include "cli/bench_flags.h"
#include "cli/check_command.h"
#include "cli/completion.h"
#include "cli/convert_command.h"
#include "cli/db_read_store.h"
#include "cli/enqueue_command.h"
#include "cli/exit_code.h"
#include "cli/import_command.h"
#include "cli/import_trials.h"
#include "cli/init_command.h"
#include "cli/kubeconfig_command.h"
#include "cli/lookup.h"
#include "cli/plan_command.h"
#include "cli/read_commands.h"
#include "cli/replay_command.h"
#include "cli/run_command.h"
#include "cli/serve_command.h"
#include "cli/serve_flags.h"
#include "cli/stop_command.h"
#include "cli/suggest_command.h"
#include "cli/version_command.h"
#include "cli/why_command.h"
#include "server/service_calls.h"

extern char** environ;  // NOLINT: POSIX spells it so

namespace qalam::cli {
namespace {

struct GlobalOptions {
  std::string data_directory;
  std::string namespace_name = "default";
  std::string color = "auto";
  bool quiet = false;
};

struct ServiceFlags {
  std::vector<std::string> suggestion, early_stopping;  // NAME=HOST:PORT
};

std::string Absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

std::vector<std::string> Environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size() && !text.empty();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::map<std::string, std::string> Addresses(const char* flag, const std::vector<std::string>& texts) {
  std::map<std::string, std::string> addresses;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || text.find(':', equals) == std::string::npos) {
      throw CLI::ValidationError(flag, fmt::format("\"{}\" should be like NAME=HOST:PORT", text));
    }
    addresses[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return addresses;
}

// Collects the commands' flags; `Run` picks the one that was typed.
class Program {
 public:
  Program()
      : app_("Hyperparameter tuning in one binary: runs Experiments (kubeflow.org/v1beta1) on this machine.",
             "qalam") {
    environment_ = Environment();
    setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // its log lines would break into the live view
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.set_help_flag("-h,--help", "Help, with examples");
    app_.add_option("--data-dir", global_.data_directory, "Where everything is kept (default ./.qalam)")
        ->envname("QALAM_DATA_DIR");
    app_.add_option("-n,--namespace", global_.namespace_name, "Namespace of experiments")
        ->capture_default_str();
    app_.add_option("--color", global_.color, "auto, always or never")->capture_default_str();
    app_.add_flag("-q,--quiet", global_.quiet, "No progress, only results and errors");
    AddInit();
    AddCheck();
    AddConvert();
    AddPlan();
    AddRun();
    AddReading();
    AddServe();
    AddKubeconfig();
    AddImport();
    AddEnqueue();
    AddStop();
    AddRm();
    AddSuggest();
    AddReplay();
    AddBench();
    AddSmall();
  }

  int Run(int argc, char** argv) {
    for (int i = 0; i < argc; ++i) arguments_.emplace_back(i == 0 ? "qalam" : argv[i]);
    try {
      app_.parse(argc, argv);
      const auto color = ParseColorMode(global_.color);
      if (!color)
        throw CLI::ValidationError("--color",
                                   fmt::format("\"{}\" should be auto, always or never", global_.color));
      if (global_.data_directory.empty()) global_.data_directory = ".qalam";
      global_.data_directory = Absolute(global_.data_directory);
      Streams streams{std::cout,
                      std::cerr,
                      DescribeTerminal(SystemTerminal(STDOUT_FILENO, *color)),
                      DescribeTerminal(SystemTerminal(STDERR_FILENO, *color)),
                      absl::Now(),
                      absl::LocalTimeZone()};
      return command_(streams);
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return app_.exit(error);  // --help
      std::cerr << "qalam: " << error.what() << "\n"
                << "see \"qalam " << (typed_.empty() ? "" : typed_ + " ") << "--help\"\n";
      return ToInt(ExitCode::kInvalidInput);
    }
  }

 private:
  using Command = std::function<int(Streams&)>;

  CLI::App* Add(const std::string& name, const std::string& help, const std::string& examples,
                Command command) {
    CLI::App* sub = app_.add_subcommand(name, help);
    sub->footer("Examples:\n" + examples);
    sub->parse_complete_callback([this, command = std::move(command)] { command_ = command; });
    sub->preparse_callback([this, name](size_t) { typed_ = name; });
    return sub;
  }

  static void AddServices(CLI::App* command, ServiceFlags& flags) {
    command
        ->add_option("--suggestion", flags.suggestion,
                     "NAME=HOST:PORT: an outside suggestion service for algorithm NAME")
        ->allow_extra_args(false);
    command
        ->add_option("--early-stopping", flags.early_stopping,
                     "NAME=HOST:PORT: an outside early-stopping service for algorithm NAME")
        ->allow_extra_args(false);
  }

  static server::ServiceAddresses ToAddresses(const ServiceFlags& flags) {
    return {Addresses("--suggestion", flags.suggestion), Addresses("--early-stopping", flags.early_stopping)};
  }

  server::RuntimeOptions RuntimeFromFlags(const ServiceFlags& services) const {
    return {.data_directory = global_.data_directory,
            .base_directory = std::filesystem::current_path().string(),
            .environment = environment_,
            .gpus = SplitAtCommas(gpus_),
            .services = ToAddresses(services)};
  }

  void AddInit() {
    Add("init", "Write a runnable example: a training script and an Experiment",
        "  qalam init my-search\n  qalam run my-search/experiment.yaml\n",
        [this](Streams& streams) { return RunInit(init_, streams); })
        ->add_option("NAME", init_.directory, "Directory to make")
        ->capture_default_str();
  }

  void AddCheck() {
    CLI::App* check =
        Add("check", "Validate files; every error with its place and what would be right",
            "  qalam check experiment.yaml\n  kubectl get experiment tune -o yaml | qalam check -\n",
            [this](Streams& streams) { return Check(streams); });
    check->add_option("FILE", check_.files, "Files; - is the standard input")->required();
    AddServices(check, services_);
  }

  int Check(Streams& streams) {
    check_.quiet = global_.quiet;
    const server::ServiceAddresses addresses = ToAddresses(services_);
    auto services = server::StandaloneServices::Start(addresses);
    if (!services.ok()) return ReportError(services.status(), streams);
    const CheckContext context{.validation = {.algorithms = KnownAlgorithms(addresses),
                                              .early_stopping_algorithms = KnownEarlyStoppers(addresses)},
                               .check_algorithm = [&](const api::Experiment& experiment) {
                                 return (*services)->CheckSettings(experiment);
                               }};
    return RunCheck(check_, context, std::cin, streams);
  }

  void AddPlan() {
    CLI::App* plan =
        Add("plan", "What a run would do and cost, with the first suggestions",
            "  qalam plan experiment.yaml\n  qalam plan experiment.yaml -o json\n", [this](Streams& streams) {
              plan_.namespace_name = global_.namespace_name;
              plan_.data_directory = global_.data_directory;
              plan_.services = ToAddresses(services_);
              return RunPlan(plan_, std::cin, streams);
            });
    plan->add_option("FILE", plan_.file, "An Experiment; - is the standard input")->required();
    plan->add_option("-o,--output", plan_.format, "table or json")->capture_default_str();
    AddServices(plan, services_);
  }

  // What is searched and how: the flags that need no program.
  static void AddSearchFlags(CLI::App* command, QuickFormOptions& quick) {
    const auto repeatable = [&](const char* flag, std::vector<std::string>& into, const char* help) {
      command->add_option(flag, into, help)->allow_extra_args(false);
    };
    command->add_option("--name", quick.name, "Name of the experiment");
    command->add_option("--objective", quick.objective, "max:METRIC or min:METRIC");
    repeatable("--param", quick.parameters, "NAME=VALUES, a parameter to search");
    repeatable("--metric", quick.metrics, "Another metric to record");
    command->add_option("--algorithm", quick.algorithm, "How to search")
        ->default_str(std::string(kDefaultAlgorithm));
    repeatable("--setting", quick.settings, "KEY=VALUE, a setting of the algorithm");
    command->add_option("--seed", quick.seed, "The same seed gives the same search");
    command->add_option("--max-trials", quick.max_trials, "Number of trials");
    command->add_option("-p,--parallel", quick.parallel, "Trials at the same time");
  }

  void AddRun() {
    CLI::App* run =
        Add("run", "Run an Experiment, or go on with it: a start is a resume of nothing",
            "  qalam run experiment.yaml\n"
            "  qalam run experiment.yaml --max-trials 100       raise the budget and go on\n"
            "  qalam run --objective max:accuracy --param 'lr=log:1e-5..1e-1' --param 'layers=1..4' \\\n"
            "      --param 'opt=adam,sgd' --max-trials 50 --parallel 4 --seed 7 \\\n"
            "      -- python train.py --lr {lr} --layers {layers} --optimizer {opt}\n\n"
            "Parameters:\n"
            "  lr=0.1..0.9         double (int when both ends are integers)\n"
            "  lr=log:1e-5..1e-1   uniform in the logarithm; also normal: and lognormal:\n"
            "  n=int:1..10/3       1, 4, 7, 10; double: and a step work alike\n"
            "  opt=adam,sgd        categorical; discrete:1,2,4 for numbers in order\n\n"
            "The first Ctrl-C lets running trials finish, the second ends them, the third leaves at once.\n"
            "Exit codes: 0 goal or budget reached, 1 failed, 2 invalid input, 3 not found, 4 conflict, 5 "
            "unreachable,\n"
            "6 a limit was hit before any success, 124 --timeout, 130 interrupted, 143 terminated.\n",
            [this](Streams& streams) {
              run_.quick.namespace_name = global_.namespace_name;
              run_.quiet = global_.quiet;
              run_.arguments = arguments_;
              run_.runtime = RuntimeFromFlags(services_);
              SplitTarget();
              return RunRun(run_, std::cin, streams);
            });
    QuickFormOptions& quick = run_.quick;
    run->add_option("--stop", quick.stop, "Rule that stops hopeless trials");
    run->add_option("--stop-setting", quick.stop_settings, "KEY=VALUE, a setting of the rule")
        ->allow_extra_args(false);
    run->add_option(
        "FILE", positionals_,
        "An Experiment, - for the standard input, or the name of a stored one; after -- a program");
    AddSearchFlags(run, quick);
    run->add_option("--timeout", run_.timeout, "End the session after this time, e.g. 90s, 1h30m");
    run->add_option("--timeout-per-trial", quick.timeout_per_trial, "End a trial after this time");
    run->add_option("--retries", quick.retries, "Attempts after a trial's first failure");
    run->add_option("--workdir", quick.working_directory, "Directory in which trials run");
    run->add_option("--try", quick.tries, "NAME=VALUE,NAME=VALUE, a point to try first")
        ->allow_extra_args(false);
    run->add_option("--warm-start", quick.warm_start, "An earlier experiment to learn from")
        ->allow_extra_args(false);
    run->add_option("--env", quick.environment, "KEY=VALUE, a variable for the trials")
        ->allow_extra_args(false);
    run->add_option("--gpus", gpus_, "GPUs to split over the parallel trials, e.g. 0,1,2,3");
    run->add_flag("--dry-run", run_.dry_run, "Print the Experiment and run nothing");
    run->add_option("-o,--output", run_.output,
                    "json or yaml: print the Experiment with its status at the end");
    AddServices(run, services_);
  }

  // CLI11 drops the "--" that separates flags from the program, so it is looked up in what was typed.
  void SplitTarget() {
    const auto dashes = std::find(arguments_.begin(), arguments_.end(), "--");
    const size_t program = static_cast<size_t>(arguments_.end() - dashes);
    const size_t words = program == 0 ? 0 : program - 1;
    const size_t targets = positionals_.size() - words;
    if (targets > 1)
      throw CLI::ValidationError(
          "FILE", fmt::format("\"{}\" is one too many; put a program after --", positionals_[1]));
    if (targets == 1) run_.target = positionals_[0];
    run_.quick.command.assign(positionals_.begin() + static_cast<std::ptrdiff_t>(targets),
                              positionals_.end());
  }

  Command Reading(std::function<int(const ReadStore&, Streams&)> command) {
    return [this, command = std::move(command)](Streams& streams) {
      const auto store = OpenDataDirectory(global_.data_directory);
      if (!store.ok()) return ReportError(store.status(), streams);
      return command(**store, streams);
    };
  }

  void AddOutput(CLI::App* command) {
    command->add_option("-o,--output", output_, "table, wide, json, yaml, csv or name")
        ->capture_default_str();
    command->add_flag("--no-headers", no_headers_, "No column titles");
  }

  OutputOptions Output() const {
    const auto format = ParseOutputFormat(output_);
    if (!format)
      throw CLI::ValidationError(
          "-o", fmt::format("\"{}\" should be table, wide, json, yaml, csv or name", output_));
    return {*format, !no_headers_};
  }

  void AddReading() {
    AddOutput(Add("ls", "List experiments", "  qalam ls\n  qalam ls -o json\n",
                  Reading([this](const ReadStore& store, Streams& streams) {
                    return RunLs({.namespace_name = global_.namespace_name, .output = Output()}, store,
                                 streams);
                  })));

    CLI::App* show = Add("show", "One experiment with its trials, or one trial",
                         "  qalam show tune\n  qalam show tune tune-4xkq7b2z\n  qalam show tune -o yaml\n",
                         Reading([this](const ReadStore& store, Streams& streams) {
                           show_.namespace_name = global_.namespace_name;
                           show_.output = Output();
                           return RunShow(show_, store, streams);
                         }));
    show->add_option("NAME", show_.name, "Experiment, or EXPERIMENT/TRIAL")->required();
    show->add_option("TRIAL", show_.trial, "Trial");
    AddOutput(show);

    CLI::App* why = Add("why", "Why an experiment or trial hangs, fails or has no metrics",
                        "  qalam why tune\n  qalam why tune tune-4xkq7b2z\n  qalam why tune -o json\n",
                        Reading([this](const ReadStore& store, Streams& streams) {
                          why_.namespace_name = global_.namespace_name;
                          return RunWhy(why_, store, SurroundingsHere(streams), streams);
                        }));
    why->add_option("NAME", why_.name, "Experiment, or EXPERIMENT/TRIAL")->required();
    why->add_option("TRIAL", why_.trial, "Trial");
    why->add_option("-o,--output", why_.format, "text or json")->capture_default_str();

    CLI::App* best = Add("best", "The best trial",
                         "  qalam best tune\n  python train.py $(qalam best tune -o args)\n  eval \"$(qalam "
                         "best tune -o env)\"\n",
                         Reading([this](const ReadStore& store, Streams& streams) {
                           best_.namespace_name = global_.namespace_name;
                           return RunBest(best_, store, streams);
                         }));
    best->add_option("NAME", best_.name, "Experiment")->required();
    best->add_option("-o,--output", best_.format, "table, wide, json, yaml, csv, name, env or args")
        ->capture_default_str();

    CLI::App* logs =
        Add("logs", "Output of a trial", "  qalam logs tune/tune-4xkq7b2z\n  qalam logs tune/4xkq7b2z -f\n",
            Reading([this](const ReadStore& store, Streams& streams) { return Logs(store, streams); }));
    logs->add_option("NAME/TRIAL", logs_.target, "Experiment and trial")->required();
    logs->add_flag("-f,--follow", logs_.follow, "Go on until the trial has finished; Ctrl-C only leaves");

    CLI::App* export_command = Add("export", "All trials as a file",
                                   "  qalam export tune > trials.csv\n  qalam export tune --format jsonl\n",
                                   Reading([this](const ReadStore& store, Streams& streams) {
                                     export_.namespace_name = global_.namespace_name;
                                     return RunExport(export_, store, streams);
                                   }));
    export_command->add_option("NAME", export_.name, "Experiment")->required();
    export_command->add_option("--format", export_.format, "csv or jsonl")->capture_default_str();
  }

  Surroundings SurroundingsHere(const Streams& streams) const {
    const char* path = std::getenv("PATH");
    return {.data_directory = global_.data_directory,
            .session = FindRunningSession(global_.data_directory),
            .path = path == nullptr ? "" : path,
            .now = streams.now};
  }

  int Logs(const ReadStore& store, Streams& streams) {
    logs_.namespace_name = global_.namespace_name;
    if (logs_.follow) {
      sigset_t interrupt;
      sigemptyset(&interrupt);
      sigaddset(&interrupt, SIGINT);
      sigprocmask(SIG_BLOCK, &interrupt, nullptr);
      logs_.stop_fd = signalfd(-1, &interrupt, SFD_CLOEXEC);
    }
    return RunLogs(logs_, store, streams);
  }

  void AddImport() {
    CLI::App* command =
        Add("import", "Take over what was run elsewhere: trials, or metrics from a dump of Katib's database",
            "  mysqldump katib observation_logs > katib.sql\n  qalam import katib.sql\n"
            "  pg_dump -t observation_logs katib | gzip > katib.sql.gz\n  qalam import katib.sql.gz\n"
            "  qalam import trials.csv --experiment experiment.yaml --name elsewhere\n",
            [this](Streams& streams) {
              import_.data_directory = global_.data_directory;
              import_.quiet = global_.quiet;
              if (trial_import_.experiment.empty() && trial_import_.name.empty())
                return RunImport(import_, streams);
              trial_import_.files = import_.files;
              trial_import_.data_directory = global_.data_directory;
              trial_import_.namespace_name = global_.namespace_name;
              trial_import_.quiet = global_.quiet;
              return RunTrialImport(trial_import_, std::cin, streams);
            });
    command->add_option("--experiment", trial_import_.experiment,
                        "The Experiment whose trials the files hold, as CSV or JSON lines");
    command->add_option("--name", trial_import_.name, "Name under which it is stored")->needs("--experiment");
    command
        ->add_option("FILE", import_.files, "SQL dumps, as text or gzip, or trials; - is the standard input")
        ->required();
  }

  void AddServe() {
    CLI::App* serve = Add(
        "serve", "Serve Experiments to kubectl and the Kubeflow SDKs, and Katib's gRPC protocol to anyone",
        "  qalam serve\n"
        "  qalam serve --http 127.0.0.1:8443 --data-dir /srv/qalam\n"
        "  qalam serve --grpc 127.0.0.1:0 --services suggestion --algorithms tpe,random\n"
        "  qalam serve --grpc 0.0.0.0:6789 --tls-cert cert.pem --tls-key key.pem --token-file tokens\n"
        "  qalam serve --metrics 127.0.0.1:9464 --log-format json\n",
        [this](Streams& streams) {
          serve_.runtime = RuntimeFromFlags(services_);
          return RunServe(serve_, streams);
        });
    AddServeFlags(*serve, serve_);
    serve->add_option("--gpus", gpus_, "GPUs to split over the parallel trials, e.g. 0,1,2,3");
    AddServices(serve, services_);
  }

  void AddConvert() {
    CLI::App* convert =
        Add("convert", "Write Experiments as OptimizationJobs of Kubeflow Trainer, or the other way round",
            "  qalam convert experiment.yaml --to optimizationjob > job.yaml\n"
            "  qalam convert job.yaml --to katib\n",
            [this](Streams& streams) {
              convert_.algorithms = KnownAlgorithms({});
              convert_.early_stopping_algorithms = KnownEarlyStoppers({});
              convert_.quiet = global_.quiet;
              return RunConvert(convert_, std::cin, streams);
            });
    convert->add_option("FILE", convert_.file, "YAML or JSON, several documents too; - is the standard input")
        ->required();
    convert->add_option("--to", convert_.to, "katib or optimizationjob")->required();
  }

  void AddKubeconfig() {
    CLI::App* kubeconfig = Add(
        "kubeconfig", "What kubectl needs to talk to qalam serve: address, authority and token",
        "  qalam kubeconfig > qalam.yaml\n"
        "  KUBECONFIG=qalam.yaml kubectl get experiments\n"
        "  qalam kubeconfig --http lab.example:8080 --user alice --http-token-file tokens.csv -n team-a\n",
        [this](Streams& streams) {
          kubeconfig_.data_directory = global_.data_directory;
          kubeconfig_.namespace_name = global_.namespace_name;
          return RunKubeconfig(kubeconfig_, streams);
        });
    kubeconfig->add_option("--http", kubeconfig_.address,
                           "HOST:PORT or URL of the server (default: where it was last)");
    kubeconfig->add_option("--user", kubeconfig_.user, "Whose token")->capture_default_str();
    kubeconfig->add_option("--http-token-file", kubeconfig_.token_file,
                           "File of users' tokens, as given to qalam serve");
    kubeconfig->add_option("--certificate-authority", kubeconfig_.certificate_authority,
                           "PEM file: who signed the server's certificate, if it was given one");
  }

  void AddEnqueue() {
    CLI::App* enqueue = Add("enqueue", "Add a point that a stored experiment tries first when it goes on",
                            "  qalam enqueue tune lr=0.1 units=64\n", [this](Streams& streams) {
                              enqueue_.data_directory = global_.data_directory;
                              enqueue_.namespace_name = global_.namespace_name;
                              return RunEnqueue(enqueue_, streams);
                            });
    enqueue->add_option("NAME", enqueue_.name, "Experiment")->required();
    enqueue->add_option("VALUE", enqueue_.values, "NAME=VALUE; parameters not named are drawn")->required();
  }

  void AddStop() {
    CLI::App* stop = Add("stop", "Stop an experiment that another process runs; running trials finish",
                         "  qalam stop tune\n  qalam stop tune --now\n", [this](Streams& streams) {
                           stop_.data_directory = global_.data_directory;
                           stop_.namespace_name = global_.namespace_name;
                           return RunStop(stop_, streams);
                         });
    stop->add_option("NAME", stop_.name, "Experiment")->required();
    stop->add_flag("--now", stop_.now, "End running trials, too");
  }

  void AddRm() {
    Add("rm", "Delete an experiment with its trials, their metrics and files", "  qalam rm tune\n",
        [this](Streams& streams) {
          rm_.namespace_name = global_.namespace_name;
          rm_.runtime = RuntimeFromFlags({});
          return RunRm(rm_, streams);
        })
        ->add_option("NAME", rm_.name, "Experiment")
        ->required();
  }

  void AddSuggest() {
    CLI::App* suggest = Add("suggest", "What to try next, for trials that somebody else runs",
                            "  qalam suggest -f experiment.yaml --count 4\n"
                            "  qalam suggest -f experiment.yaml --history trials.csv -o args\n"
                            "  qalam export tune | qalam suggest -f experiment.yaml --history - -o jsonl\n"
                            "  qalam suggest --objective min:loss --param 'lr=log:1e-5..1e-1' --param "
                            "opt=adam,sgd --serve-stdio\n",
                            [this](Streams& streams) {
                              suggest_.quick.namespace_name = global_.namespace_name;
                              suggest_.quick.runs = false;
                              suggest_.headers = !no_headers_;
                              suggest_.services = ToAddresses(services_);
                              return RunSuggest(suggest_, std::cin, streams);
                            });
    suggest->add_option("-f,--file", suggest_.file, "An Experiment; - is the standard input");
    suggest->add_option("--history", suggest_.history,
                        "Trials so far, CSV or JSON lines; - is the standard input");
    suggest->add_option("--count", suggest_.count, "Number of suggestions")->capture_default_str();
    suggest->add_option("-o,--output", suggest_.format, "csv, json, jsonl, yaml or args")
        ->capture_default_str();
    suggest->add_flag("--no-headers", no_headers_, "No column titles");
    suggest->add_flag("--serve-stdio", suggest_.serve_lines,
                      "Ask and tell by lines of JSON, on the standard input and output");
    AddSearchFlags(suggest, suggest_.quick);
    suggest
        ->add_option("--suggestion", services_.suggestion,
                     "NAME=HOST:PORT: an outside suggestion service for algorithm NAME")
        ->allow_extra_args(false);
  }

  void AddReplay() {
    CLI::App* replay =
        Add("replay", "What another rule or algorithm would have done with an experiment that was run",
            "  qalam replay tune --stop 'medianstop,patience(patience=3)'\n"
            "  qalam replay tune --algorithm tpe,random --seeds 20\n"
            "  qalam replay tune --stop medianstop -o json\n",
            Reading([this](const ReadStore& store, Streams& streams) {
              replay_.namespace_name = global_.namespace_name;
              return RunReplay(replay_, store, streams);
            }));
    replay->add_option("NAME", replay_.name, "Experiment")->required();
    replay->add_option("--stop", replay_.stop, "Early-stopping rules: exact, on the recorded reports");
    replay->add_option("--algorithm", replay_.algorithms, "Algorithms: estimates, on a model of the trials");
    replay->add_option("--trials", replay_.trials, "Trials of each search; as many as were run unless given");
    replay->add_option("--seeds", replay_.seeds, "Searches with each algorithm")->capture_default_str();
    replay->add_option("-o,--output", replay_.format, "text or json")->capture_default_str();
  }

  void AddBench() {
    CLI::App* bench = Add(
        "bench", "How good and how fast algorithms are, on problems whose best value is known",
        "  qalam bench --algorithms random,sobol --seeds 0-9 --budget 100 -o results.csv\n"
        "  qalam bench --algorithms 'random,cmaes(sigma=0.3)' --problems ackley-10,bbob-5 --report report/\n"
        "  qalam bench --algorithms tpe --compare others.csv.gz --report report/\n"
        "  qalam bench --algorithms tpe --table my_results.csv\n"
        "  qalam bench --algorithms tpe --service tpe-katib=tpe=localhost:6789\n"
        "  qalam bench --algorithms tpe --program './f --x {x} --y {y}' --param x=0..1 --param y=-5..5 "
        "--seeds 0-4\n",
        [this](Streams& streams) {
          bench_.command.quiet = global_.quiet;
          return RunBench(bench_, std::cin, streams);
        });
    AddBenchFlags(*bench, bench_.command);
    bench
        ->add_option("--service", bench_.services,
                     "[LABEL=]NAME[(SETTINGS)]=HOST:PORT, an outside suggestion service")
        ->allow_extra_args(false);
    bench->add_option("--program", bench_.program,
                      "A shell command that prints a number; {NAME}: a parameter");
    bench->add_option("--param", bench_.parameters, "NAME=VALUES, a parameter of the program")
        ->allow_extra_args(false);
    bench->add_option("--space", bench_.space, "An Experiment whose parameters are the program's");
    bench->add_flag("--maximize", bench_.maximize, "Larger numbers of the program are better");
    bench->add_option("--best", bench_.best, "The best number the program can print, if it is known");
  }

  void AddSmall() {
    Add("version", "Version of the program", "  qalam version\n",
        [this](Streams& streams) { return RunVersion(version_, streams); })
        ->add_option("-o,--output", version_.format, "text, json or yaml")
        ->capture_default_str();
    Add("completion", "Completion script for bash or zsh", "  source <(qalam completion bash)\n",
        [this](Streams& streams) { return RunCompletion(shell_, streams); })
        ->add_option("SHELL", shell_, "bash or zsh")
        ->required();
  }

  CLI::App app_;
  GlobalOptions global_;
  std::vector<std::string> arguments_, environment_, positionals_;
  std::string typed_, gpus_, shell_, output_ = "table";
  bool no_headers_ = false;
  Command command_;
  ServiceFlags services_;
  InitOptions init_;
  CheckOptions check_;
  ConvertOptions convert_;
  PlanOptions plan_;
  RunOptions run_;
  ShowOptions show_;
  WhyOptions why_;
  BestOptions best_;
  LogsOptions logs_;
  ExportOptions export_;
  EnqueueOptions enqueue_;
  StopOptions stop_;
  SuggestOptions suggest_;
  RmOptions rm_;
  ServeOptions serve_;
  KubeconfigOptions kubeconfig_;
  ImportOptions import_;
  TrialImport trial_import_;
  ReplayOptions replay_;
  BenchOptions bench_;
  VersionOptions version_;
};

}  // namespace
}  // namespace qalam::cli

int main(int argc, char** argv) { return qalam::cli::Program().Run(argc, argv); }
