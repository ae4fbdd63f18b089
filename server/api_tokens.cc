#include "server/api_tokens.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <set>
#include <utility>

#include "base/csv.h"

namespace qalam::server {
namespace {

constexpr size_t kUser = 1, kLeastColumns = 3, kGroups = 3, kMostColumns = 4;

std::array<unsigned char, 32> DigestOf(std::string_view token) {
  std::array<unsigned char, 32> digest;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  return digest;
}

// Comments may hold quotes, which are no quotes of CSV. Lines keep their numbers.
std::string WithoutComments(std::string text) {
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (text[begin] == '#') std::fill(text.begin() + begin, text.begin() + end, ' ');
    begin = end + 1;
  }
  return text;
}

std::string Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

std::vector<std::string> SplitGroups(std::string_view text) {
  std::vector<std::string> groups;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    if (std::string group = Trimmed(text.substr(begin, end - begin)); !group.empty()) {
      groups.push_back(std::move(group));
    }
    begin = end + 1;
  }
  return groups;
}

// The first fault of a line; empty when there is none.
std::string FaultOf(const CsvRecord& columns) {
  if (columns.size() != 1 && (columns.size() < kLeastColumns || columns.size() > kMostColumns)) {
    return fmt::format("{} columns; a line should be TOKEN alone or TOKEN,USER,UID,\"GROUP1,GROUP2\"",
                       columns.size());
  }
  if (Trimmed(columns[0]).empty()) return "the first column should be a token; it is empty";
  if (columns.size() > 1 && Trimmed(columns[kUser]).empty()) {
    return "the second column should be a user's name; it is empty";
  }
  return {};
}

}  // namespace

absl::StatusOr<std::vector<TokenLine>> ReadTokenFile(const std::string& path, const std::string& text) {
  std::vector<size_t> lines;
  const auto records = ParseCsv(WithoutComments(text), &lines);
  if (!records.ok()) {
    return absl::InvalidArgumentError(fmt::format("{}: {}", path, MessageOf(records.status())));
  }
  std::vector<TokenLine> found;
  std::set<std::string> seen;
  for (size_t i = 0; i < records->size(); ++i) {
    const CsvRecord& columns = (*records)[i];
    if (columns.size() == 1 && Trimmed(columns[0]).empty()) continue;
    std::string fault = FaultOf(columns);
    std::string token = Trimmed(columns[0]);
    if (fault.empty() && !seen.insert(token).second) fault = "the token is on an earlier line already";
    if (!fault.empty()) {
      return absl::InvalidArgumentError(fmt::format("{}:{}: {}", path, lines[i], fault));
    }
    apiserver::User user{.name = columns.size() > 1 ? Trimmed(columns[kUser]) : "token", .groups = {}};
    if (columns.size() > kGroups) user.groups = SplitGroups(columns[kGroups]);
    found.push_back({std::move(token), std::move(user)});
  }
  if (found.empty())
    return absl::InvalidArgumentError(fmt::format("{} should have at least one token", path));
  return found;
}

ApiTokens::ApiTokens(const std::vector<TokenLine>& lines) {
  for (const TokenLine& line : lines) users_.emplace(DigestOf(line.token), line.user);
}

const apiserver::User* ApiTokens::Find(std::string_view token) const {
  const auto found = users_.find(DigestOf(token));
  return found == users_.end() ? nullptr : &found->second;
}

}  // namespace qalam::server
