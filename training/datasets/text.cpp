// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/options/config.h>
#include <assay/registry/registry-inl.h>
#include <assay/training/data/byte_stream.h>
#include <assay/training/datasets/registry.h>
#include <assay/training/datasets/text.h>
#include <c10/util/Exception.h>

#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace assay::training::datasets {
namespace {

constexpr std::int64_t kPadding = 0;
constexpr std::int64_t kNoLabel = -1;
constexpr std::int64_t kNewline = 1;

using Characters = std::vector<std::string>;

// How many bytes the character has that begins with this one; 0: none begins so.
std::size_t character_bytes(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

Characters characters_of(const std::string& line, const std::string& where) {
  Characters characters;
  for (std::size_t i = 0; i < line.size();) {
    const auto bytes = character_bytes(static_cast<unsigned char>(line[i]));
    bool whole = bytes > 0 && i + bytes <= line.size();
    for (std::size_t j = 1; whole && j < bytes; ++j) {
      whole = (static_cast<unsigned char>(line[i + j]) & 0xC0) == 0x80;
    }
    TORCH_CHECK_VALUE(whole, where, ": is no UTF-8; expected a text in UTF-8");
    characters.push_back(line.substr(i, bytes));
    i += bytes;
  }
  return characters;
}

std::string without_blank_ends(const std::string& line) {
  constexpr auto kBlanks = " \t\r\f\v";
  const auto begin = line.find_first_not_of(kBlanks);
  return begin == std::string::npos
             ? ""
             : line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin);
}

std::vector<Characters> read_lines(const std::filesystem::path& path) {
  check_is_file(path);
  std::ifstream file(path, std::ios::binary);
  TORCH_CHECK_VALUE(file, path.string(), ": cannot be read");
  std::vector<Characters> lines;
  std::string line;
  for (std::int64_t number = 1; std::getline(file, line); ++number) {
    auto characters =
        characters_of(without_blank_ends(line), path.string() + ", line " + std::to_string(number));
    if (!characters.empty()) lines.push_back(std::move(characters));
  }
  TORCH_CHECK_VALUE(!lines.empty(), path.string(), ": has no line of text; expected at least one");
  return lines;
}

// Numbers of all characters, in the order of their code points, which is that of their bytes.
std::map<std::string, std::int64_t> numbered(const std::vector<Characters>& lines) {
  std::map<std::string, std::int64_t> numbers;
  for (const auto& line : lines) {
    for (const auto& character : line) numbers.emplace(character, 0);
  }
  auto next = kNewline + 1;
  for (auto& [character, number] : numbers) number = next++;
  return numbers;
}

std::pair<Batch, DatasetNames> read_text(const TextOptions& options) {
  const auto lines = read_lines(options.path.get());
  const auto numbers = numbered(lines);
  const auto length = static_cast<std::size_t>(options.length);
  std::vector<std::int64_t> x;
  std::vector<std::int64_t> y;
  for (const auto& line : lines) {
    std::vector<std::int64_t> whole = {kNewline};
    for (const auto& character : line) whole.push_back(numbers.at(character));
    whole.push_back(kNewline);
    for (std::size_t begin = 0; begin + 1 < whole.size(); begin += length) {
      for (std::size_t i = begin; i < begin + length; ++i) {
        const bool inside = i + 1 < whole.size();
        x.push_back(inside ? whole[i] : kPadding);
        y.push_back(inside ? whole[i + 1] : kNoLabel);
      }
    }
  }
  const auto as_samples = [&](const std::vector<std::int64_t>& values) {
    return at::tensor(values, at::kLong).reshape({-1, options.length});
  };
  DatasetNames names{.classes = {"", "\n"}};
  for (const auto& [character, number] : numbers) names.classes.push_back(character);
  return std::pair{Batch{as_samples(x), as_samples(y)}, std::move(names)};
}

}  // namespace

Text::Text(const Options& options) : Text(read_text(checked(options))) {}

Text::Text(std::pair<Batch, DatasetNames> content)
    : TensorDataset(std::move(content.first), std::move(content.second)) {}

void register_text(DatasetRegistry& registry) { registry.add<Text>(); }

}  // namespace assay::training::datasets
