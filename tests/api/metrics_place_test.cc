#include "api/metrics_place.h"

#include <gtest/gtest.h>

namespace qalam::api {
namespace {

MetricsPlace OfFiles(CollectorKind kind, std::string path, std::string path_kind) {
  MetricsCollectorSpec collector{.kind = kind};
  collector.source.emplace().file_system_path = FileSystemPath{std::move(path), std::move(path_kind), ""};
  return PlaceOf(collector);
}

TEST(MetricsPlace, IsAFileOrTheDirectoryBeforeTheFirstWildcard) {
  EXPECT_EQ(OfFiles(CollectorKind::kFile, "/a/m.log", "File").file, "/a/m.log");
  EXPECT_EQ(OfFiles(CollectorKind::kFile, "/a/m.log", "File").directory, "");
  const MetricsPlace place = OfFiles(CollectorKind::kFile, "/a/b/run-*/m?.log", "File");
  EXPECT_EQ(place.file, "");
  EXPECT_EQ(place.directory, "/a/b");
  EXPECT_EQ(place.pattern, "run-*/m?.log");
  EXPECT_EQ(OfFiles(CollectorKind::kFile, "*.log", "File").directory, "");
  EXPECT_EQ(OfFiles(CollectorKind::kFile, "*.log", "File").pattern, "*.log");
}

TEST(MetricsPlace, IsADirectoryWithoutItsLastSlashes) {
  EXPECT_EQ(OfFiles(CollectorKind::kFile, "/a/b//", "Directory").directory, "/a/b");
  EXPECT_EQ(OfFiles(CollectorKind::kTensorFlowEvent, "runs/", "Directory").directory, "runs");
  EXPECT_EQ(OfFiles(CollectorKind::kCustom, "/a", "Directory").directory, "/a");
  EXPECT_EQ(OfFiles(CollectorKind::kStdOut, "/a", "Directory").directory, "");
  EXPECT_EQ(PlaceOf({.kind = CollectorKind::kFile}).file, "");
}

TEST(MetricsPlace, IsAPortOfTheTrialsOwnMachineOnly) {
  MetricsCollectorSpec collector{.kind = CollectorKind::kPrometheusMetric};
  HttpGet& http = collector.source.emplace().http_get.emplace();
  http.port = "8080";
  for (const char* own : {"", "localhost", "127.0.0.1", "::1"}) {
    http.host = own;
    EXPECT_EQ(PlaceOf(collector).port, 8080) << own;
  }
  http.host = "10.0.0.1";
  EXPECT_EQ(PlaceOf(collector).port, 0);
}

}  // namespace
}  // namespace qalam::api
