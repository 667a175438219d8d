// SPDX-License-Identifier: Apache-2.0
#include <assay/core/shapes.h>
#include <assay/training/trainer_core.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace assay {
namespace {

using Row = std::array<std::string, 3>;

// "1234567" as "1,234,567".
std::string with_commas(std::int64_t number) {
  auto text = std::to_string(number);
  for (auto i = static_cast<std::int64_t>(text.size()) - 3; i > 0; i -= 3) {
    text.insert(static_cast<std::size_t>(i), ",");
  }
  return text;
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, text.size()), ' ');
}

std::string table(const std::vector<Row>& rows) {
  std::array<std::size_t, 3> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::ostringstream out;
  for (const auto& row : rows) {
    out << padded(row[0], widths[0] + 2) << padded(row[1], widths[1] + 2)
        << std::string(widths[2] - row[2].size(), ' ') << row[2] << '\n';
  }
  return out.str();
}

}  // namespace

std::string Trainer::summary() const {
  const auto& module = core_->model.module();
  std::vector<Row> rows = {{"Parameter", "Shape", "Number"}};
  std::int64_t trained = 0;
  std::int64_t fixed = 0;
  for (const auto& item : module.named_parameters()) {
    rows.push_back({item.key(), describe(item.value().sizes()), with_commas(item.value().numel())});
    (item.value().requires_grad() ? trained : fixed) += item.value().numel();
  }
  for (const auto& item : module.named_buffers()) {
    rows.push_back({item.key() + " (buffer)", describe(item.value().sizes()),
                    with_commas(item.value().numel())});
    fixed += item.value().numel();
  }
  std::ostringstream out;
  out << module << "\n\n"
      << table(rows) << "\nTrained: " << with_commas(trained)
      << ", not trained: " << with_commas(fixed) << '\n';
  return out.str();
}

}  // namespace assay
