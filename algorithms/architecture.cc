#include "algorithms/architecture.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "algorithms/quoted_json.h"

namespace qalam::algorithms {
namespace {

// What is left of a text, of which tokens are taken one after another.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}

  bool Take(char token) {
    SkipBlanks();
    if (left_.empty() || left_.front() != token) return false;
    left_.remove_prefix(1);
    return true;
  }

  // A whole number from 0 to `most`.
  bool Take(int most, int& number) {
    SkipBlanks();
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), number);
    if (error != std::errc() || number < 0 || number > most) return false;
    left_.remove_prefix(end - left_.data());
    return true;
  }

  bool AtEnd() {
    SkipBlanks();
    return left_.empty();
  }

 private:
  void SkipBlanks() { left_.remove_prefix(std::min(left_.find_first_not_of(" \t\r\n"), left_.size())); }

  std::string_view left_;
};

bool Take(Reader& reader, int skips, int choices, Layer& layer) {
  if (!reader.Take('[') || !reader.Take(choices - 1, layer.operation)) return false;
  for (int i = 0, bit = 0; i < skips; ++i) {
    if (!reader.Take(',') || !reader.Take(1, bit)) return false;
    layer.skips.push_back(bit == 1);
  }
  return reader.Take(']');
}

std::string Text(const OperationValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) return RealJson(*real);
  return QuotedJson(std::get<std::string>(value));
}

std::string Text(const OperationChoice& choice, int id) {
  std::vector<std::string> parameters;
  for (size_t i = 0; i < choice.values.size(); ++i) {
    parameters.push_back(
        fmt::format("{}: {}", QuotedJson(choice.operation->parameters[i].name), Text(*choice.values[i])));
  }
  return fmt::format("'{}': {{'opt_id': {}, 'opt_type': {}, 'opt_params': {{{}}}}}", id, id,
                     QuotedJson(choice.operation->type), fmt::join(parameters, ", "));
}

}  // namespace

std::string ArchitectureText(const Architecture& architecture) {
  std::vector<std::string> layers;
  for (const Layer& layer : architecture) {
    std::string text = fmt::format("[{}", layer.operation);
    for (const bool skip : layer.skips) text += skip ? ", 1" : ", 0";
    layers.push_back(text + "]");
  }
  return fmt::format("[{}]", fmt::join(layers, ", "));
}

std::optional<Architecture> ParseArchitecture(std::string_view text, int layers, int choices) {
  Reader reader(text);
  Architecture architecture(layers);
  if (!reader.Take('[')) return std::nullopt;
  for (int l = 0; l < layers; ++l) {
    if ((l > 0 && !reader.Take(',')) || !Take(reader, l, choices, architecture[l])) return std::nullopt;
  }
  if (!reader.Take(']') || !reader.AtEnd()) return std::nullopt;
  return architecture;
}

absl::Status CheckTextSize(size_t bytes) {
  constexpr size_t kMost = size_t{64} << 20;
  if (bytes <= kMost) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "the architectures asked for at once have more than {} bytes of text; ask for fewer", kMost));
}

std::string NetworkConfigText(const ArchitectureSpace& space, const Architecture& architecture) {
  std::vector<int> ids;
  std::vector<std::string> embedding;
  for (const Layer& layer : architecture) {
    if (std::find(ids.begin(), ids.end(), layer.operation) != ids.end()) continue;
    ids.push_back(layer.operation);
    embedding.push_back(Text(ChoiceAt(space, layer.operation), layer.operation));
  }
  return fmt::format("{{'num_layers': {}, 'input_sizes': [{}], 'output_sizes': [{}], 'embedding': {{{}}}}}",
                     architecture.size(), fmt::join(space.input_sizes, ", "),
                     fmt::join(space.output_sizes, ", "), fmt::join(embedding, ", "));
}

}  // namespace qalam::algorithms
