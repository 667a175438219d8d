// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace assay {
namespace {

// Levenshtein distance; letters that differ only in case count as equal.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const bool same = std::tolower(static_cast<unsigned char>(a[i])) ==
                        std::tolower(static_cast<unsigned char>(b[j]));
      const std::size_t replaced = diagonal + (same ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  // A name of megabytes is no typing error; comparing it would cost its square.
  if (name.size() > 200) return "";
  std::string nearest;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& candidate : known) {
    const auto distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const auto nearest = nearest_name(name, known);
  return nearest.empty() ? "" : " Did you mean '" + nearest + "'?";
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const auto& part : parts) {
    if (!joined.empty()) joined += separator;
    joined += part;
  }
  return joined;
}

std::string snake_case(std::string_view class_name) {
  const auto upper = [&](std::size_t i) {
    return std::isupper(static_cast<unsigned char>(class_name[i])) != 0;
  };
  const auto begin = class_name.find('>') + 1;  // 0 without a package
  std::string snake(class_name.substr(0, begin));
  for (std::size_t i = begin; i < class_name.size(); ++i) {
    // A word starts at a capital that follows a small letter, or that a small letter follows.
    const bool starts_word =
        i > begin && upper(i) &&
        (!upper(i - 1) || (i + 1 < class_name.size() &&
                           std::islower(static_cast<unsigned char>(class_name[i + 1]))));
    if (starts_word) snake += '_';
    snake += static_cast<char>(std::tolower(static_cast<unsigned char>(class_name[i])));
  }
  return snake;
}

}  // namespace assay
