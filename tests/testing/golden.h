// SPDX-License-Identifier: Apache-2.0
// The golden files of tests/golden: inputs, and the result that assay must give for them.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/json.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace assay::testing {

/// One call; what the file has as null is undefined.
struct Call {
  at::Tensor y_true;
  at::Tensor y_pred;
  at::Tensor sample_weight;
};

struct GoldenCase {
  std::string name;
  Json config;
  std::vector<Call> calls;  ///< One for a loss, the updates of a metric.
  at::Tensor expected;      ///< float64
  double rtol = 0;
  double atol = 0;

  const Call& call() const { return calls.at(0); }

  /// Whether the inputs were drawn at random, clear of kinks, ties and thresholds.
  bool is_random() const { return name.starts_with("("); }
};

/// The classes that have a file; `family` is "losses" or "metrics".
std::vector<std::string> golden_classes(const std::string& family);

bool has_golden_file(const std::string& family, const std::string& class_name);

/// The cases of a class, read once; none where it has no file.
const std::vector<GoldenCase>& golden_cases(const std::string& family,
                                            const std::string& class_name);

/// Those drawn at random.
std::vector<GoldenCase> random_cases(const std::string& family, const std::string& class_name);

/// For each different configuration, the first random case that has it. `reduction`, `name` and
/// `dtype` make no difference.
std::vector<GoldenCase> one_case_per_config(const std::string& family,
                                            const std::string& class_name);

}  // namespace assay::testing
