#include "cli/collect_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace qalam::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

absl::StatusOr<CollectRequest> Parse(const std::vector<std::string>& arguments,
                                     const Variables& variables = {}) {
  return ParseCollectArguments(arguments, [&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

// The wrapper's options for `options` after those that must be there.
absl::StatusOr<collect::WrapperOptions> Wrap(std::vector<std::string> options,
                                             const Variables& variables = {}) {
  options.insert(options.begin(), {"--server", "head:6789", "--trial", "t", "--objective", "loss"});
  options.insert(options.end(), {"--", "train"});
  auto request = Parse(options, variables);
  if (!request.ok()) return request.status();
  return request->wrap.value();
}

std::string ErrorOf(const absl::StatusOr<collect::WrapperOptions>& result) {
  EXPECT_TRUE(absl::IsInvalidArgument(result.status())) << result.status();
  return std::string(MessageOf(result.status()));
}

TEST(CollectFlags, DefaultsAreThoseOfTheManPage) {
  const auto options = Wrap({});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_THAT(options->command, ElementsAre("train"));
  EXPECT_EQ(options->trial, "t");
  EXPECT_EQ(options->server.address, "head:6789");
  EXPECT_FALSE(options->server.tls);
  EXPECT_EQ(options->objective.objective_metric_name, "loss");
  EXPECT_EQ(options->collector.kind, api::CollectorKind::kStdOut);
  EXPECT_EQ(options->evaluation, api::RuleEvaluation::kEvery);
  EXPECT_EQ(options->spool_parent, "/tmp");
  EXPECT_EQ(options->spool_limit, 256 << 20);
  EXPECT_EQ(options->wait, absl::Minutes(5));
  EXPECT_EQ(options->grace, absl::Seconds(30));
  EXPECT_FALSE(options->outlive);
  EXPECT_EQ(options->exit_code_when_stopped, 0);
}

TEST(CollectFlags, TheEnvironmentSaysWhatFlagsDoNot) {
  const Variables variables = {{"QALAM_ADDR", "[::1]:7"},
                               {"KATIB_TRIAL_NAME", "k"},
                               {"QALAM_TOKEN", "secret"},
                               {"TMPDIR", "/scratch"}};
  auto request = Parse({"--objective", "loss", "--", "train"}, variables);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->wrap->server.address, "[::1]:7");
  EXPECT_EQ(request->wrap->server.token, "secret");
  EXPECT_EQ(request->wrap->trial, "k");
  EXPECT_EQ(request->wrap->spool_parent, "/scratch");
  Variables both = variables;
  both["QALAM_TRIAL_NAME"] = "q";
  EXPECT_EQ(Parse({"--objective", "loss", "--", "train"}, both)->wrap->trial, "q");
  EXPECT_EQ(Parse({"--objective", "loss", "--trial", "f", "--", "train"}, both)->wrap->trial, "f");
}

TEST(CollectFlags, ATokenNamesTheTrialAndStaysOnThisMachineWithoutTls) {
  const std::vector<std::string> far = {"--server", "far:1", "--objective", "loss", "--", "train"};
  EXPECT_FALSE(Parse(far).ok()) << "no trial";
  EXPECT_THAT(Parse(far, {{"QALAM_TOKEN", "x"}}).status().ToString(), HasSubstr("clear text"));
  std::vector<std::string> insecure = far;
  insecure.insert(insecure.begin(), "--insecure");
  EXPECT_EQ(Parse(insecure, {{"QALAM_TOKEN", "x"}})->wrap->trial, "");
  std::vector<std::string> tls = far;
  tls.insert(tls.begin(), "--tls");
  EXPECT_TRUE(Parse(tls, {{"QALAM_TOKEN", "x"}})->wrap->server.tls);
  EXPECT_THAT(ErrorOf(Wrap({"--server", "localhost:1", "--early-stopping", "far:1"}, {{"QALAM_TOKEN", "x"}})),
              HasSubstr("far:1 in clear text"));
  EXPECT_THAT(ErrorOf(Wrap({}, {{"QALAM_TOKEN", "two\nlines"}})), HasSubstr("printable"));
}

TEST(CollectFlags, FilesOfTokensAndCertificatesAreRead) {
  const std::string path = testing::TempDir() + "collect-flags-test-" + std::to_string(getpid());
  std::ofstream(path) << "the-token\nanother\n";
  EXPECT_EQ(Wrap({"--insecure", "--token-file", path})->server.token, "the-token");
  const auto tls = Wrap({"--tls-cert", path, "--tls-key", path}, {{"QALAM_TLS_CA", path}});
  EXPECT_EQ(tls->server.certificate, "the-token\nanother\n");
  EXPECT_EQ(tls->server.ca, "the-token\nanother\n");
  EXPECT_TRUE(tls->server.tls);
  std::ofstream(path) << "\n";
  EXPECT_THAT(ErrorOf(Wrap({"--token-file", path})), HasSubstr("must begin with a token"));
  std::filesystem::remove(path);
  EXPECT_THAT(ErrorOf(Wrap({"--token-file", path})), HasSubstr("--token-file: \"" + path));
  EXPECT_THAT(ErrorOf(Wrap({}, {{"QALAM_TLS_CA", path}})), HasSubstr("QALAM_TLS_CA: \"" + path));
}

TEST(CollectFlags, StopRulesAreKatibsTexts) {
  const auto options = Wrap({"--type", "maximize", "--stop-rule", "loss;0.5;greater;4", "--stop-rule",
                             "reports_since_improvement(loss, 0.1);9;equal"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_THAT(options->rules, ElementsAre(api::EarlyStoppingRule{"loss", "0.5", api::Comparison::kGreater, 4},
                                          api::EarlyStoppingRule{"reports_since_improvement(loss, 0.1)", "9",
                                                                 api::Comparison::kEqual, 0}));
  EXPECT_EQ(options->objective.type, api::ObjectiveType::kMaximize);
  for (const char* wrong :
       {"", "loss", "loss;1", "loss;1;more;2", "loss;1;less;x", "loss;1;less;-1", "loss;1;less;1;1"}) {
    EXPECT_THAT(ErrorOf(Wrap({"--type", "minimize", "--stop-rule", wrong})), HasSubstr("--stop-rule"))
        << wrong;
  }
}

TEST(CollectFlags, CollectorsNameTheirPlaces) {
  const auto file = Wrap({"--collector", "File", "--path", "/log", "--format", "JSON"});
  EXPECT_EQ(file->collector.source->file_system_path, (api::FileSystemPath{"/log", "File", "JSON"}));
  const auto events = Wrap({"--collector", "TensorFlowEvent", "--path", "events"});
  EXPECT_EQ(events->collector.source->file_system_path->path, std::filesystem::current_path() / "events");
  EXPECT_EQ(events->collector.source->file_system_path->kind, "Directory");
  const auto scraped = Wrap({"--collector", "PrometheusMetric", "--port", "9100"});
  EXPECT_EQ(scraped->collector.source->http_get->port, "9100");
  EXPECT_EQ(scraped->collector.source->http_get->path, "/metrics");
  EXPECT_THAT(ErrorOf(Wrap({"--collector", "PrometheusMetric"})), HasSubstr("--port"));
  EXPECT_THAT(ErrorOf(Wrap({"--collector", "PrometheusMetric", "--port", "1", "--http-path", "x"})),
              HasSubstr("/"));
  EXPECT_THAT(*Wrap({"--filter", "[a](b)(c)[d]", "--filter", "-x(y)(z)"})->collector.source->metrics_format,
              ElementsAre("[a](b)(c)[d]", "-x(y)(z)"));
}

TEST(CollectFlags, TheLastOfTwoCounts) { EXPECT_EQ(Wrap({"--trial", "other"})->trial, "other"); }

TEST(CollectFlags, SendTakesNoCommand) {
  const auto request = Parse({"--send", "dir", "--wait", "0"});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->send->directory, "dir");
  EXPECT_EQ(request->send->server.address, "");
  EXPECT_EQ(request->send->wait, absl::ZeroDuration());
  EXPECT_FALSE(request->wrap);
  EXPECT_FALSE(Parse({"--send", "dir", "--", "train"}).ok());
}

TEST(CollectFlags, TheManPageDescribesEveryOption) {
  const std::string help = Parse({"--help"})->text;
  EXPECT_THAT(help, HasSubstr("[OPTIONS] -- COMMAND [ARGS...]"));
  std::ostringstream page;
  page << std::ifstream(QALAM_COLLECT_MAN_PAGE).rdbuf();
  const std::string text = std::regex_replace(page.str(), std::regex(R"(\\-)"), "-");
  const std::regex option(R"(\n +(?:-h,)?(--[a-z-]+))");
  int options = 0;
  for (std::sregex_iterator match(help.begin(), help.end(), option), end; match != end; ++match, ++options) {
    EXPECT_THAT(text, HasSubstr((*match)[1].str()));
  }
  EXPECT_GT(options, 25);
}

}  // namespace
}  // namespace qalam::cli
