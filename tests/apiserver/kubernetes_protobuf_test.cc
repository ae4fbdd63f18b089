#include "apiserver/kubernetes_protobuf.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "apiserver/failure.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;
using namespace std::string_literals;

// A field that has a length, of a number below 16 and less than 128 bytes.
std::string Bytes(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

std::string Enveloped(const std::string& api_version, const std::string& kind, const std::string& message) {
  return "k8s\0"s + Bytes(1, Bytes(1, api_version) + Bytes(2, kind)) + Bytes(2, message) + Bytes(3, "") +
         Bytes(4, "");
}

TEST(ReadKubernetesProtobuf, ReadsAConfigMap) {
  const std::string metadata = Bytes(1, "settings") + Bytes(3, "team") + Bytes(8, "") +
                               Bytes(11, Bytes(1, "app") + Bytes(2, "x")) +
                               Bytes(11, Bytes(1, "tier") + Bytes(2, ""));
  const auto object =
      ReadKubernetesProtobuf(Enveloped("v1", "ConfigMap",
                                       Bytes(1, metadata) + Bytes(2, Bytes(1, "a") + Bytes(2, "1")) +
                                           Bytes(2, Bytes(1, "b") + Bytes(2, "2"))));
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ(*object,
            json({{"apiVersion", "v1"},
                  {"kind", "ConfigMap"},
                  {"metadata",
                   {{"name", "settings"}, {"namespace", "team"}, {"labels", {{"app", "x"}, {"tier", ""}}}}},
                  {"data", {{"a", "1"}, {"b", "2"}}}}));
}

TEST(ReadKubernetesProtobuf, ReadsTimesNumbersAndBytes) {
  const std::string metadata = Bytes(1, "s") + "\x38\x07"s /* generation */ +
                               Bytes(8, "\x08\x80\xe1\xeb\xd0\x06"s) /* 2026-06-01 as seconds */;
  const auto object = ReadKubernetesProtobuf(Enveloped(
      "v1", "Secret", Bytes(1, metadata) + Bytes(2, Bytes(1, "k") + Bytes(2, "v\0"s)) + Bytes(3, "Opaque")));
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ((*object)["metadata"]["generation"], 7);
  EXPECT_EQ((*object)["metadata"]["creationTimestamp"].get<std::string>().substr(0, 5), "2026-");
  EXPECT_EQ((*object)["data"]["k"], "dgA=");
  EXPECT_EQ((*object)["type"], "Opaque");
}

TEST(ReadKubernetesProtobuf, KnowsDeleteOptionsOfEveryVersion) {
  const auto object = ReadKubernetesProtobuf(
      Enveloped("kubeflow.org/v1beta1", "DeleteOptions", Bytes(2, Bytes(1, "u-1")) + Bytes(4, "Foreground")));
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ((*object)["propagationPolicy"], "Foreground");
  EXPECT_EQ((*object)["preconditions"]["uid"], "u-1");
}

TEST(ReadKubernetesProtobuf, RefusesOtherKinds) {
  const auto object = ReadKubernetesProtobuf(Enveloped("apps/v1", "Deployment", ""));
  EXPECT_EQ(CodeOf(object.status()), 415);
}

TEST(ReadKubernetesProtobuf, RefusesWhatIsNoMessage) {
  for (const std::string& body :
       {""s, "{}"s, "k8s\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s, "k8s\0\x0b"s, "k8s\0\x0a\x7f"s,
        Enveloped("v1", "ConfigMap", "\x0a\x7f"), Enveloped("v1", "ConfigMap", Bytes(1, "\x0a\x7f"))}) {
    EXPECT_EQ(CodeOf(ReadKubernetesProtobuf(body).status()), 400) << body.size();
  }
}

TEST(ReadKubernetesProtobuf, RefusesMessagesThatEndTooEarly) {
  const std::string metadata = Bytes(1, Bytes(1, "settings"));
  const std::string whole = Enveloped("v1", "ConfigMap", metadata);
  const std::size_t end = whole.size() - 4;                      // two empty fields follow
  const std::size_t without_object = end - metadata.size() - 2;  // which is a message, too
  for (std::size_t length = 0; length < end; ++length) {
    if (length == without_object) continue;
    EXPECT_FALSE(ReadKubernetesProtobuf(std::string_view(whole).substr(0, length)).ok()) << length;
  }
  EXPECT_TRUE(ReadKubernetesProtobuf(std::string_view(whole).substr(0, end)).ok());
}

}  // namespace
}  // namespace qalam::apiserver
