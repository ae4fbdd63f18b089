#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "valid_experiment.h"

namespace qalam::api {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> ErrorsOf(CollectorKind kind, std::optional<MetricsSource> source = {},
                                  std::string custom = "", std::string kind_text = "") {
  Experiment e = ValidExperiment();
  e.spec.metrics_collector =
      MetricsCollectorSpec{kind, std::move(kind_text), {std::move(custom)}, std::move(source)};
  return Texts(Validate(e, TestContext()));
}

MetricsSource File(FileSystemPath path) { return {path, {}, {}}; }
MetricsSource Http(HttpGet http) { return {{}, http, {}}; }
MetricsSource Filter(std::vector<std::string> formats) { return {{}, {}, formats}; }

const std::string kField = "spec.metricsCollectorSpec.";

TEST(ValidateCollector, RefusesUnknownKinds) {
  EXPECT_THAT(ErrorsOf(CollectorKind::kInvalid, {}, "", "Stdout"),
              ElementsAre(AllOf(StartsWith(kField + "collector.kind: Invalid value: \"Stdout\""),
                                HasSubstr("did you mean \"StdOut\"?"))));
  EXPECT_THAT(ErrorsOf(CollectorKind::kInvalid, {}, "", "Magic"),
              ElementsAre(HasSubstr(
                  "must be one of StdOut, File, TensorFlowEvent, PrometheusMetric, Custom, Push, None")));
  EXPECT_THAT(ErrorsOf(CollectorKind::kUnset),
              ElementsAre(StartsWith(kField + "collector.kind: Invalid value")));
}

TEST(ValidateCollector, AcceptsNoneStdOutAndPushWithoutSource) {
  EXPECT_THAT(ErrorsOf(CollectorKind::kNone), IsEmpty());
  EXPECT_THAT(ErrorsOf(CollectorKind::kStdOut), IsEmpty());
  EXPECT_THAT(ErrorsOf(CollectorKind::kPush), IsEmpty());
}

TEST(ValidateCollector, ChecksFiles) {
  EXPECT_THAT(ErrorsOf(CollectorKind::kFile, File({"/a.log", "File", "TEXT"})), IsEmpty());
  EXPECT_THAT(ErrorsOf(CollectorKind::kFile, File({"out/a.json", "File", "JSON"})), IsEmpty());
  for (const FileSystemPath& bad :
       {FileSystemPath{"/", "Directory", "TEXT"}, FileSystemPath{"", "File", "TEXT"},
        FileSystemPath{"/a/", "File", "TEXT"}, FileSystemPath{"*.log", "File", "TEXT"},
        FileSystemPath{"/*.log", "File", "TEXT"}, FileSystemPath{"/a", "Socket", "TEXT"}}) {
    EXPECT_THAT(ErrorsOf(CollectorKind::kFile, File(bad)),
                ElementsAre(StartsWith(kField + "source.fileSystemPath.path: Required value")));
  }
  EXPECT_THAT(ErrorsOf(CollectorKind::kFile, File({"/a", "File", "CSV"})),
              ElementsAre(StartsWith(kField + "source.fileSystemPath.format: Required value")));
  MetricsSource json = File({"/a", "File", "JSON"});
  json.metrics_format.emplace();
  EXPECT_THAT(ErrorsOf(CollectorKind::kFile, json),
              ElementsAre(StartsWith(kField + "source.filter: Invalid value")));
}

TEST(ValidateCollector, ChecksTensorFlowEvents) {
  EXPECT_THAT(ErrorsOf(CollectorKind::kTensorFlowEvent, File({"/a", "Directory", ""})), IsEmpty());
  EXPECT_THAT(ErrorsOf(CollectorKind::kTensorFlowEvent, File({"..", "Directory", ""})),
              ElementsAre(StartsWith(kField + "source: Required value")));
  EXPECT_THAT(ErrorsOf(CollectorKind::kTensorFlowEvent, File({"/a", "File", ""})),
              ElementsAre(StartsWith(kField + "source: Required value")));
  EXPECT_THAT(ErrorsOf(CollectorKind::kTensorFlowEvent, File({"/a", "Directory", "TEXT"})),
              ElementsAre(StartsWith(
                  kField + "source.fileSystemPath.format: Invalid value: \"TEXT\": must be empty")));
}

TEST(ValidateCollector, ChecksPrometheus) {
  EXPECT_THAT(ErrorsOf(CollectorKind::kPrometheusMetric, Http({"/metrics", "8080", "", "", true, {}})),
              IsEmpty());
  for (const auto& [port, number] : {std::pair<const char*, bool>{"http", false},
                                     {"8080", false},
                                     {"0", true},
                                     {"-1", true},
                                     {"70000", true}}) {
    EXPECT_THAT(ErrorsOf(CollectorKind::kPrometheusMetric, Http({"/m", port, "", "", number, {}})),
                ElementsAre(StartsWith(kField + "source.httpGet.port: Invalid value")))
        << port;
  }
  EXPECT_THAT(ErrorsOf(CollectorKind::kPrometheusMetric, Http({"metrics", "80", "", "", true, {}})),
              ElementsAre(StartsWith(kField + "source.httpGet.path: Invalid value")));
}

TEST(ValidateCollector, ChecksCustom) {
  const std::string container = R"({"name":"c","image":"i"})";
  EXPECT_THAT(ErrorsOf(CollectorKind::kCustom, {}, container), IsEmpty());
  EXPECT_THAT(ErrorsOf(CollectorKind::kCustom, File({"/a", "Directory", ""}), container), IsEmpty());
  EXPECT_THAT(ErrorsOf(CollectorKind::kCustom),
              ElementsAre(StartsWith(kField + "collector.customCollector: Required value")));
  EXPECT_THAT(ErrorsOf(CollectorKind::kCustom, File({"a", "File", ""}), container),
              ElementsAre(StartsWith(kField + "source.fileSystemPath: Invalid value")));
  EXPECT_THAT(ErrorsOf(CollectorKind::kCustom, File({"/a", "Invalid", ""}), container),
              ElementsAre(StartsWith(kField + "source.fileSystemPath: Invalid value")));
  EXPECT_THAT(ErrorsOf(CollectorKind::kCustom, {}, R"({"imaeg":"i"})"),
              ElementsAre(StartsWith(
                  kField + "collector.customCollector.imaeg: Invalid value: \"i\": no such field; did")));
}

TEST(ValidateCollector, ChecksFiltersOfEveryKind) {
  for (const CollectorKind kind : {CollectorKind::kStdOut, CollectorKind::kPush}) {
    EXPECT_THAT(ErrorsOf(kind, Filter({R"(([\w|-]+)\s*=\s*([+-]?\d*(\.\d+)?([Ee][+-]?\d+)?))"})), IsEmpty());
    EXPECT_THAT(
        ErrorsOf(kind, Filter({"(a)=(b", "a=(b)", "(?:a)=(b)"})),
        ElementsAre(AllOf(StartsWith(kField + "source.filter.metricsFormat: Invalid value: \"(a)=(b\": "),
                          HasSubstr("missing )")),
                    HasSubstr("two top subexpressions are required"),
                    HasSubstr("two top subexpressions are required")));
  }
  MetricsSource file = File({"/a", "File", "TEXT"});
  file.metrics_format = {{"(a)"}};
  EXPECT_THAT(ErrorsOf(CollectorKind::kFile, file), ElementsAre(HasSubstr("two top subexpressions")));
}

}  // namespace
}  // namespace qalam::api
