// SPDX-License-Identifier: Apache-2.0
// The worst of many rows, one batch after the other.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/json.h>

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace assay::training::report {

/// Keeps the ten rows with the largest numbers. NaN is as large as infinity; of equals the first
/// counts.
class WorstRows {
 public:
  /// The rows of a batch; `entry` says what is to be told of one of them.
  void add(const at::Tensor& badness, const std::function<Json(std::int64_t)>& entry);

  /// The largest first.
  Json json() const;

 private:
  std::vector<std::pair<double, Json>> rows_;
};

}  // namespace assay::training::report
